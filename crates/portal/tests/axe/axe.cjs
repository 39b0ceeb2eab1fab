// Walks through all pages and states in Chromium and lets axe judge each.
// node axe.cjs MODULES CHROMIUM BASE CODE OTHERCODE LANGUAGE WIDTH SCREENSHOTS|-
// Prints one JSON line a page: {"page", "violations", "scrolls", "bytes", "errors"}.
"use strict";
const path = require("path");
const [modules, chromium, base, code, other, language, width, shots] = process.argv.slice(2);
const need = (name) => require(path.join(modules, "node_modules", name));
const puppeteer = need("puppeteer-core");
const axe = path.join(modules, "node_modules", "axe-core", "axe.min.js");

(async () => {
  const browser = await puppeteer.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const tab = await browser.newPage();
  // axe is brought in from outside; the pages' own policy is judged by other tests.
  await tab.setBypassCSP(true);
  await tab.setViewport({ width: Number(width), height: 800 });
  let errors = [];
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("console", (message) => {
    if (message.type() === "error" && !/favicon|status of 422|status of 429|status of 404/.test(message.text())) {
      errors.push(message.text());
    }
  });
  let count = 0;
  const at = (place) => base + "/" + language + place;
  async function judge(name) {
    await tab.addScriptTag({ path: axe });
    const found = await tab.evaluate(async () => {
      const result = await axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return result.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).join(", "));
    });
    const scrolls = await tab.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    const bytes = await tab.evaluate(() => performance.getEntriesByType("navigation")[0].transferSize);
    if (shots !== "-") {
      const file = String(++count).padStart(2, "0") + "-" + name + "-" + language + "-" + width + ".png";
      await tab.screenshot({ path: path.join(shots, file), fullPage: true });
    }
    console.log(JSON.stringify({ page: name, violations: found, scrolls, bytes, errors }));
    errors = [];
  }
  const go = (place) => tab.goto(at(place), { waitUntil: "load" });
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  async function press(selector) {
    await Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click(selector)]);
  }
  const submit = "main form button:not(.plain)";

  await go("/"); await judge("home");
  await go("/about"); await judge("about");
  await go("/nothing"); await judge("missing");
  await go("/check"); await judge("check");
  await tab.type("#code", "BCDF"); await press(submit); await judge("check-too-fast");
  await pause(1700); await press(submit); await judge("check-typing");
  await tab.$eval("#code", (input, value) => { input.value = value; }, other);
  await pause(1700); await press(submit); await judge("check-other");
  await go("/check"); await tab.type("#code", code); await pause(1700); await press(submit); await judge("own");
  await go("/number"); await judge("number");
  await tab.type("#number", "x"); await pause(1700); await press(submit); await judge("number-bad");
  await tab.$eval("#number", (input) => { input.value = "07700 900123"; });
  await pause(1700); await press(submit); await judge("number-done");
  await go("/return"); await judge("return");
  await tab.type("#return", "x"); await pause(1700); await press(submit); await judge("return-no");
  await go("/report/answers"); await judge("lost");
  await go("/report"); await judge("start");
  await press(submit); await judge("q-urgent");
  await press(submit); await judge("q-urgent-problem");
  await tab.click("#moved-yes"); await press(submit); await judge("now");
  const slugs = ["who", "happened", "when", "shown", "claimed", "bank", "loss", "secret", "reported", "contact", "help", "agree"];
  for (const slug of slugs) { await go("/report/q/" + slug); await judge("q-" + slug); }
  await go("/report/q/when");
  await tab.type("#call-day-day", "45"); await press(submit); await judge("q-when-problem");
  await go("/report/q/happened");
  const signs = { en: "want to die", cy: "eisiau marw", es: "quiero morir", pl: "chcę umrzeć", ur: "مرنا چاہتا", ar: "أريد أن أموت" };
  await tab.type("#story", signs[language]); await press(submit); await judge("care");
  await go("/report/files"); await judge("files");
  await press(submit); await judge("files-empty");
  const input = await tab.$("#file");
  await input.uploadFile(path.join(modules, "node_modules", "axe-core", "axe.min.js"));
  await press(submit); await judge("files-added");
  await go("/report/save"); await judge("save");
  await tab.type("#kept", "ZZZZ"); await press("main form button"); await judge("save-wrong");
  await go("/report/answers"); await judge("answers");
  await pause(1700); await press(submit); await judge("sent");
  const groups = await tab.$$eval(".groups li", (items) => items.map((item) => item.textContent));
  await tab.type("#kept", groups[4]); await press("main form button"); await judge("sent-kept");
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
