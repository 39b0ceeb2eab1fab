// Makes assets/age.js of npm's `age-encryption`: what seals to X25519 recipients, and no more.
// node build.mjs MODULES OUT, where MODULES holds what package-lock.json names.
// The same versions give the same bytes: a test makes it again and compares.
import { createRequire } from "node:module";
import path from "node:path";

const [modules, out] = process.argv.slice(2).map((given) => path.resolve(given));
const { build } = createRequire(path.join(modules, "x.js"))("esbuild");

// Other kinds of recipients, which a bundle cannot name.
const without = new Set([
  "@noble/post-quantum/hybrid.js", "@noble/curves/nist.js", "@noble/hashes/scrypt.js",
]);
const names = ["MLKEM768P256", "MLKEM768X25519", "p256", "scrypt"];
const nothing = {
  name: "without",
  setup(builder) {
    builder.onResolve({ filter: /./ }, (asked) =>
      without.has(asked.path) ? { path: asked.path, namespace: "without" } : undefined);
    builder.onLoad({ filter: /./, namespace: "without" }, () => ({
      contents: "const no = () => { throw Error('not built in'); }; export { "
        + names.map((name) => "no as " + name).join(", ") + " };",
    }));
  },
};

await build({
  stdin: { contents: "export { Encrypter } from 'age-encryption';", resolveDir: modules },
  absWorkingDir: modules,
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "age",
  target: "es2020",
  legalComments: "none",
  banner: { js: "/* age-encryption 0.3.1, BSD-3-Clause, (c) The age Authors; @noble/ciphers, curves, hashes, "
    + "MIT, (c) Paul Miller; @scure/base, MIT, (c) Paul Miller. Built by assets/age/build.mjs. */" },
  plugins: [nothing],
  outfile: out,
});
