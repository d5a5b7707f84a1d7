// Only read for `resolve`: where the sources of `#contracts/` and `#src/` stand, since package.json names the built ones.
module.exports = {
  resolve: {
    alias: { '#contracts': `${__dirname}/contracts`, '#src': `${__dirname}/src` },
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
};
