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
    files: ["**/*.mjs", "**/*.cjs"],
    extends: [js.configs.recommended],
    languageOptions: { ecmaVersion: 2024, globals: node },
  },
);
