import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const parsed = new Map<string, ts.SourceFile>();

/**
 * The comments that stand before the keys of a zod schema in its source, by the path of the key (`web.cors`). `name` is
 * the constant that holds the schema; what it refers to is followed, also into other files.
 */
export function schemaComments(file: string, name: string): Map<string, string> {
  const comments = new Map<string, string>();
  const start = constant(sourceOf(file), name);
  if (start) addComments(comments, start, '');
  return comments;
}

function addComments(comments: Map<string, string>, schema: ts.Expression, path: string): void {
  for (const property of objectOf(schema)?.properties ?? []) {
    if (property.name === undefined) continue;
    const key = `${path}${property.name.getText()}`;
    const comment = commentBefore(property);
    if (comment !== undefined) comments.set(key, comment);
    const value = ts.isPropertyAssignment(property) ? property.initializer : property.name;
    if (ts.isExpression(value)) addComments(comments, value, `${key}.`);
  }
}

/** The object that `z.strictObject` was given, through methods that were called on its result, and through constants. */
function objectOf(schema: ts.Expression): ts.ObjectLiteralExpression | undefined {
  if (ts.isIdentifier(schema)) {
    const value = resolved(schema);
    return value && objectOf(value);
  }
  if (ts.isPropertyAccessExpression(schema)) return objectOf(schema.expression);
  if (!ts.isCallExpression(schema)) return undefined;
  const [argument] = schema.arguments;
  const isObject = /^z\s*\.strictObject$/.test(schema.expression.getText());
  return isObject && argument && ts.isObjectLiteralExpression(argument) ? argument : objectOf(schema.expression);
}

function resolved(identifier: ts.Identifier): ts.Expression | undefined {
  const source = identifier.getSourceFile();
  const own = constant(source, identifier.text);
  if (own) return own;
  const other = source.statements.filter(ts.isImportDeclaration).find(({ importClause }) => {
    const names = importClause?.namedBindings;
    return names && ts.isNamedImports(names) && names.elements.some(({ name }) => name.text === identifier.text);
  });
  const from = other && ts.isStringLiteral(other.moduleSpecifier) ? other.moduleSpecifier.text : '';
  return from.startsWith('./')
    ? constant(sourceOf(join(dirname(source.fileName), `${from}.ts`)), identifier.text)
    : undefined;
}

function constant(source: ts.SourceFile, name: string): ts.Expression | undefined {
  const all = source.statements.filter(ts.isVariableStatement).flatMap((one) => [...one.declarationList.declarations]);
  return all.find((declaration) => declaration.name.getText() === name)?.initializer;
}

function commentBefore(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const [range] = (ts.getLeadingCommentRanges(text, node.pos) ?? []).slice(-1);
  const comment = range && text.slice(range.pos, range.end);
  if (!comment?.startsWith('/**')) return undefined;
  return comment
    .replaceAll(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
    .trim();
}

function sourceOf(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}
