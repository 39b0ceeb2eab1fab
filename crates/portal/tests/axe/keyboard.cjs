// Goes from the first page to a sent report with the keyboard alone, at 400 % zoom: 1280 by 1024
// pixels are 320 by 256 then. On every page each stop of the Tab key must be seen.
// node keyboard.cjs MODULES CHROMIUM BASE LANGUAGE SCREENSHOTS|-
"use strict";
const [modules, chromium, base, language, shots] = process.argv.slice(2);

(async () => {
  const { browser, tab, judge, pause } =
    await require("./browser.cjs").open({ modules, chromium, language, width: 320, height: 256, shots });

  // What has the focus: whether a person sees it, and how it is marked.
  const focus = () => tab.evaluate(() => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    if (!here.dataset.stop) here.dataset.stop = String(document.querySelectorAll("[data-stop]").length + 1);
    const box = here.getBoundingClientRect();
    const style = getComputedStyle(here);
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    const inline = here.tagName === "A" && getComputedStyle(here).display === "inline";
    return {
      stop: here.dataset.stop, id: here.id, name: here.name, text: here.textContent.trim().slice(0, 40),
      tag: here.tagName, kind: here.type || "", href: here.getAttribute("href"),
      marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      covered: !(top && (here.contains(top) || top.contains(here))),
      small: !inline && (box.width < 24 || box.height < 24),
    };
  });
  const wrong = [];
  // Presses Tab until something is reached, or round the page where nothing is asked for.
  async function tab_to(page, is_it) {
    const seen = new Set();
    for (let n = 0; n < 120; n += 1) {
      await tab.keyboard.press("Tab");
      const here = await focus();
      if (!here) { if (is_it) continue; return seen.size; }
      if (!here.marked) wrong.push(page + ": not marked: " + here.tag + " " + here.text);
      if (!here.seen) wrong.push(page + ": out of sight: " + here.tag + " " + here.text);
      if (here.covered) wrong.push(page + ": covered: " + here.tag + " " + here.text);
      if (here.small) wrong.push(page + ": small: " + here.tag + " " + here.text);
      if (is_it && is_it(here)) return here;
      if (!is_it && seen.has(here.stop)) return seen.size;
      seen.add(here.stop);
    }
    wrong.push(page + ": not reached");
    return null;
  }
  const enter = (key = "Enter") =>
    Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.keyboard.press(key)]);
  const link = (end) => (here) => here.href && here.href.endsWith(end);
  const button = (here) => here.tag === "BUTTON";
  async function around(page) {
    const stops = await tab_to(page, null);
    // As many as there are: nothing can be reached by a mouse alone. Radio buttons are one stop.
    const there = await tab.evaluate(() => {
      const all = Array.from(document.querySelectorAll("a[href],button,input,textarea,summary"))
        .filter((one) => one.type !== "hidden" && one.tabIndex >= 0 && one.getClientRects().length);
      const radios = all.filter((one) => one.type === "radio");
      return all.length - radios.length + new Set(radios.map((one) => one.name)).size;
    });
    if (stops !== there) wrong.push(page + ": " + stops + " stops of " + there);
    await judge("keyboard-" + page);
    await tab.reload({ waitUntil: "load" });
  }

  await tab.goto(base + "/" + language + "/", { waitUntil: "load" });
  await around("home");
  // The first stop skips to the content.
  await tab_to("home", link("#main"));
  await tab.keyboard.press("Enter");
  await tab_to("home", link("/report")); await enter();
  await around("begin");
  await tab_to("begin", (here) => button(here) && here.name === "browser" && here.kind !== "button"); // the first
  const plain = await tab_to("begin", (here) => button(here));
  if (!plain) wrong.push("begin: no second button");
  await enter();
  for (const name of ["urgent", "who", "happened", "when", "shown", "claimed", "bank", "loss", "secret", "reported",
    "contact", "help", "agree"]) {
    if (["urgent", "happened", "when", "loss", "reported"].includes(name)) await around(name);
    if (name === "urgent" || name === "who") {
      await tab_to(name, (here) => here.kind === "radio");
      await tab.keyboard.press("Space");
      if (name === "urgent") await tab.keyboard.press("ArrowDown");
    } else if (name === "happened") {
      await tab_to(name, (here) => here.tag === "TEXTAREA");
      await tab.keyboard.type("By keyboard alone.");
    } else if (name === "reported" || name === "help") {
      await tab_to(name, (here) => here.kind === "checkbox");
      await tab.keyboard.press("Space");
    }
    await tab_to(name, button); await enter();
  }
  await around("files");
  await tab_to("files", link("/report/answers")); await enter();
  await around("answers");
  await pause(200);
  await tab_to("answers", button); await enter();
  await around("sent");
  await tab_to("sent", link("/leave"));
  const chosen = new URL(tab.url()).pathname;
  console.log(JSON.stringify({ end: { wrong, chosen } }));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
