// Only read for `resolve`: where the sources of `#contracts/` stand, since package.json names the built ones.
module.exports = {
  resolve: {
    alias: { '#contracts': `${__dirname}/contracts` },
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
};
