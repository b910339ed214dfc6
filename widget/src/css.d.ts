/** A style sheet is imported as what it becomes: `import sheet from "./style.css" with { type: "css" }`. */
declare module "*.css" {
  const sheet: CSSStyleSheet;
  export default sheet;
}

interface ImportMeta {
  /** names what was built together; put in by the build */
  readonly version: string;
}
