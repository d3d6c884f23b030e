import { parser } from '@prometheus-io/lezer-promql';

/** Where the grammar of PromQL does not know what to make of an expression; empty for a well-formed one. */
export function promqlErrors(expression: string): string[] {
  const errors: string[] = [];
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) errors.push(`column ${node.from + 1}: ${expression.slice(node.from, node.from + 40)}`);
    },
  });
  return errors;
}
