import type { ErrorCode } from 'yaml'

// The library's own messages quote the source, which at a bad place may be a password (`password: *x`), so
// none of them is ever shown.
const WORDS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias takes no anchor and no tag',
  BAD_ALIAS: 'an alias or anchor needs a name (text that begins with * or & needs quotes)',
  BAD_DIRECTIVE: 'unknown YAML directive',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes (single quotes take \\ as it is)',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'text that begins with this character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line: text that holds it needs quotes',
  BLOCK_IN_FLOW: 'indented lists and maps cannot stand inside [ ] or { }',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line with its colon',
  MULTIPLE_ANCHORS: 'one value takes one anchor',
  MULTIPLE_DOCS: 'one file holds one configuration: nothing may follow a second ---',
  MULTIPLE_TAGS: 'one value takes one tag',
  NON_STRING_KEY: 'keys are plain text',
  TAB_AS_INDENT: 'indentation is made of spaces, not tabs',
  TAG_RESOLVE_FAILED: 'unknown tag (text that begins with ! needs quotes)',
  UNEXPECTED_TOKEN: 'not expected here: check the indentation, and the quotes before it',
}

/** What is wrong with the YAML, without a word of the source. */
export const yamlFault = (code: ErrorCode): string =>
  `not valid YAML: ${WORDS[code] ?? 'this cannot be read'}`
