/** A style sheet is imported as what it becomes: `import sheet from "./style.css" with { type: "css" }`. */
declare module "*.css" {
  const sheet: CSSStyleSheet;
  export default sheet;
}
