// Fills in the form in a browser that seals, once to its end and once until somebody stops.
// node sealing.cjs MODULES CHROMIUM BASE LANGUAGE WIDTH SCREENSHOTS|- PHOTO
"use strict";
const [modules, chromium, base, language, width, shots, photo] = process.argv.slice(2);

(async () => {
  const { browser, tab, judge, pause, press } =
    await require("./browser.cjs").open({ modules, chromium, language, width, shots });
  const step = (name) => tab.waitForSelector("section[data-step=" + name + "]:not([hidden])");
  const next = async (name) => {
    await tab.click("section:not([hidden]) button[data-go=next]");
    await step(name);
  };
  async function begin() {
    await tab.goto(base + "/" + language + "/report", { waitUntil: "load" });
    await judge("begin");
    await press("main form button:not(.link)");
    await step("urgent");
    await judge("private-urgent");
  }

  await begin();
  await tab.click("section:not([hidden]) button[data-go=next]");
  await tab.waitForSelector(".summary:not([hidden])");
  await judge("private-urgent-problem");
  await tab.click("#moved-yes"); await next("now"); await judge("private-now");
  await next("who"); await tab.click("#whom-self"); await judge("private-who");
  await next("happened");
  await tab.type("#story", "MARKERSEALED they rang; I want to die");
  await next("care"); await judge("private-care");
  await next("when");
  await tab.type("#call-day-day", "31"); await tab.type("#call-day-month", "2");
  await tab.click("section:not([hidden]) button[data-go=next]");
  await tab.waitForSelector(".summary:not([hidden])");
  await judge("private-when-problem");
  await tab.$eval("#call-day-day", (input) => { input.value = "27"; });
  // A page that is loaded anew goes on where it was.
  await tab.reload({ waitUntil: "load" });
  await step("when");
  await tab.$eval("#call-day-day", (input) => { input.value = "27"; });
  for (const [name, field, text] of [["shown"], ["claimed", "#number-shown", "MARKERSEALED 020 7946 0777"],
    ["bank", "#claimed", "MARKERSEALED"], ["loss"], ["secret", "#amount", "1250.50"], ["reported"], ["contact"],
    ["help", "#email", "markersealed@example.org"], ["agree"]]) {
    if (field) await tab.type(field, text);
    await judge("private-before-" + name);
    await next(name);
  }
  await next("files"); await judge("private-files");
  await tab.click("button[data-go=add]");
  await tab.waitForSelector(".summary:not([hidden])");
  await judge("private-files-empty");
  await (await tab.$("#file")).uploadFile(photo);
  await tab.click("button[data-go=add]");
  await tab.waitForSelector("ul.files li", { timeout: 60000 });
  await judge("private-files-added");
  await next("answers"); await judge("private-answers");
  await tab.click("[data-answer=secret] button"); await step("secret");
  await tab.click("#secret-no"); await next("answers");
  const rows = await tab.$$eval("[data-answer] dd:first-of-type", (all) => all.map((one) => one.textContent));
  // A page that is too old is asked for anew, and what was entered is still there.
  await tab.$eval("form input[name=ticket]", (input) => { input.value = "0.00"; });
  const send = () => Promise.all([
    tab.waitForNavigation({ waitUntil: "load", timeout: 60000 }), tab.click("button[data-go=send]"),
  ]);
  await send();
  await step("answers");
  await pause(200);
  await send();
  await judge("private-sent");
  const left = await tab.evaluate(() => sessionStorage.length);
  const title = await tab.title();
  await press("main p a.button"); // it was not shown that the code is kept
  await judge("finish");

  const cookies = await browser.cookies();
  await browser.deleteCookie(...cookies);
  await begin();
  await tab.click("#moved-no"); await next("who");
  await tab.click("#whom-other"); await next("happened");
  await tab.type("#story", "MARKERKEPT half of it");
  await tab.click("button[data-go=stop]"); await step("keep"); await judge("private-keep");
  await Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click("button[data-go=keep]")]);
  await judge("private-kept");
  const groups = await tab.$$eval(".groups li", (items) => items.map((item) => item.textContent));
  await pause(10);
  console.log(JSON.stringify({ end: { rows, left, title, code: groups.join("-") } }));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
