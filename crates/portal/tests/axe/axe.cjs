// Walks through all pages and states in Chromium and lets axe judge each.
// node axe.cjs MODULES CHROMIUM BASE CODE OTHERCODE LANGUAGE WIDTH SCREENSHOTS|-
"use strict";
const path = require("path");
const [modules, chromium, base, code, other, language, width, shots] = process.argv.slice(2);

(async () => {
  const { browser, tab, judge, pause, press } =
    await require("./browser.cjs").open({ modules, chromium, language, width, shots });
  const at = (place) => base + "/" + language + place;
  const go = (place) => tab.goto(at(place), { waitUntil: "load" });
  const submit = "main form button:not(.plain)";

  await go("/"); await judge("home");
  await go("/about"); await judge("about");
  await go("/nothing"); await judge("missing");
  await go("/check"); await judge("check");
  await tab.type("#code", "BCDF"); await press(submit); await judge("check-too-fast");
  await pause(200); await press(submit); await judge("check-typing");
  await tab.$eval("#code", (input, value) => { input.value = value; }, other);
  await pause(200); await press(submit); await judge("check-other");
  await go("/check"); await tab.type("#code", code); await pause(200); await press(submit); await judge("own");
  await go("/number"); await judge("number");
  await tab.type("#number", "x"); await pause(200); await press(submit); await judge("number-bad");
  await tab.$eval("#number", (input) => { input.value = "07700 900123"; });
  await pause(200); await press(submit); await judge("number-done");
  await go("/return"); await judge("return");
  await tab.type("#return", "x"); await pause(200); await press(submit); await judge("return-no");
  await go("/report/answers"); await judge("lost");
  await go("/report"); await judge("start");
  await press("main form button.link"); await judge("q-urgent");
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
  await pause(200); await press(submit); await judge("sent");
  const groups = await tab.$$eval(".groups li", (items) => items.map((item) => item.textContent));
  await tab.type("#kept", groups[4]); await press("main form button"); await judge("sent-kept");
  // Another site's form.
  await tab.goto("about:blank");
  await tab.setContent('<form method="post" action="' + at("/check") + '"><button>x</button></form>');
  await press("button"); await judge("refused");
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
