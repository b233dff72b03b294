import * as ohm from 'ohm-js';

/**
 * How experiment files and options write components. To read the grammar takes a tenth of what loading all libraries
 * does, so that what it is read into is kept, in `component-recipe.ts`: `npm run grammar` writes that.
 */
const GRAMMAR = String.raw`
  Component {
    One        = Spec end
    Many       = NonemptyListOf<Spec, ","> end
    Spec       = name Arguments?
    Arguments  = "(" ListOf<Parameter, ","> ")"
    Parameter  = name "=" Value
    Value      = List | Call | number | word | string | name
    Call       = name Arguments
    List       = "[" ListOf<Value, ","> "]"
    name (a name)            = letter (alnum | "-" | "_" | ".")*
    number (a number)        = fraction ~alnum
    fraction                 = "-"? numeral (space* "/" space* numeral)?
    numeral                  = digit+ ("." digit+)? (("e" | "E") ("+" | "-")? digit+)?
    word                     = ("true" | "false" | "null") ~(alnum | "-" | "_" | ".")
    string (a quoted string) = "\"" ("\"\"" | ~"\"" any)* "\"" -- double
                             | "'" ("''" | ~"'" any)* "'"     -- single
  }
`;

/** What ohm reads the grammar into, as JSON. Its declarations leave the method out, which its own compiler calls. */
export function recipeOfComponents(): string {
  return (ohm.grammar(GRAMMAR) as ohm.Grammar & { toRecipe(): string }).toRecipe();
}
