import ts from 'typescript';

/** One small mistake: a piece of a file, and what stands there instead. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly line: number;
}

const K = ts.SyntaxKind;

/** What an operator is taken for. */
const OPERATORS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.LessThanToken, '<='],
  [K.LessThanEqualsToken, '<'],
  [K.GreaterThanToken, '>='],
  [K.GreaterThanEqualsToken, '>'],
  [K.EqualsEqualsEqualsToken, '!=='],
  [K.ExclamationEqualsEqualsToken, '==='],
  [K.AmpersandAmpersandToken, '||'],
  [K.BarBarToken, '&&'],
  [K.MinusToken, '+'],
  [K.AsteriskToken, '/'],
  [K.SlashToken, '*'],
]);

/** Every mistake that can be made in a file by one change: conditions, comparisons, arithmetic, results, calls, literals. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const change = (node: ts.Node, by: string): void => {
    const start = node.getStart(source);
    mutants.push({ start, end: node.end, text: by, line: source.getLineAndCharacterOfPosition(start).line + 1 });
  };
  const condition = (node: ts.Expression): void => {
    change(node, 'true');
    change(node, 'false');
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const other = OPERATORS.get(node.operatorToken.kind);
      if (other !== undefined) change(node.operatorToken, other);
      if (node.operatorToken.kind === K.PlusToken && !isText(node.left) && !isText(node.right)) change(node.operatorToken, '-');
      if (node.operatorToken.kind === K.QuestionQuestionToken) change(node, node.left.getText(source));
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken) change(node, node.operand.getText(source));
    if (ts.isConditionalExpression(node)) condition(node.condition);
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) condition(node.expression);
    if (ts.isReturnStatement(node) && node.expression && node.expression.getText(source) !== 'undefined')
      change(node.expression, 'undefined');
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) change(node.body, 'undefined');
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) change(node, ';');
    if (ts.isNumericLiteral(node)) change(node, `(${node.text} + 1)`);
    if (node.kind === K.TrueKeyword) change(node, 'false');
    if (node.kind === K.FalseKeyword) change(node, 'true');
    if (ts.isStringLiteral(node) && node.text !== '' && !node.text.includes(' ') && !ts.isLiteralTypeNode(node.parent)) change(node, "''");
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants.filter(({ start, end, text: by }) => text.slice(start, end) !== by);
}

/** Whether a sum is one of texts. */
const isText = (node: ts.Expression): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
