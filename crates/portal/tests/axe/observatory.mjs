// Scores pages with Mozilla's HTTP Observatory: node observatory.mjs MODULES PORT PATH...
// The certificate must be trusted by NODE_EXTRA_CA_CERTS. Prints one JSON line a path.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, port, ...paths] = process.argv.slice(2);
const home = path.join(modules, "node_modules", "@mdn", "mdn-http-observatory");
// Lists that its installation would load: which hosts browsers know to be HTTPS only. Ours is none.
for (const [name, none] of [["hsts-preload.json", "{}"], ["tld-list.json", "[]"]]) {
  const file = path.join(home, "conf", name);
  if (!fs.existsSync(file)) fs.writeFileSync(file, none);
}
const load = (file) => import(pathToFileURL(path.join(home, "src", file)));
const { retrieve } = await load("retriever/retriever.js");
const { ALL_TESTS } = await load("constants.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load("grader/charts.js");
const { getGradeForScore, getScoreModifier } = await load("grader/grader.js");

for (const asked of paths) {
  // There is no plain HTTP: its port is closed.
  const got = await retrieve("localhost", { httpPort: 1, httpsPort: Number(port), path: asked });
  const results = ALL_TESTS.map((test) => test(got));
  const modifiers = results.map((result) => (result.result ? getScoreModifier(result.result) : 0));
  const sum = (numbers) => numbers.reduce((all, one) => all + one, 100);
  const uncurved = sum(modifiers.filter((one) => one < 0));
  const score = uncurved >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(modifiers) : uncurved;
  console.log(JSON.stringify({
    path: asked, score, grade: getGradeForScore(score).grade,
    failed: results.filter((result) => !result.pass).map((result) => result.result),
    results: results.map((result, at) => result.result + " " + modifiers[at]),
  }));
}
