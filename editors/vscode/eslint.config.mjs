import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** What Node.js has everywhere, as far as scripts here use it. */
const node = Object.fromEntries(["console", "fetch", "process", "setTimeout", "URL"].map((name) => [name, "readonly"]));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "bin", "test/vscode/node_modules"] },
  {
    files: ["**/*.ts"],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["*.mjs", "scripts/*.mjs", "test/vscode/**/*.cjs"],
    extends: [js.configs.recommended],
    languageOptions: { globals: node },
  },
  {
    // The driver of the real VS Code. It is not typed, but nothing in it may be forgotten to be waited for.
    files: ["test/vscode/**/*.mjs"],
    extends: [js.configs.recommended, tseslint.configs.base],
    languageOptions: { parserOptions: { project: "test/vscode/tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-undef": "off", // the compiler's, which knows what is a browser's too
      "no-unused-vars": ["error", { varsIgnorePattern: "^_$" }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
    },
  },
);
