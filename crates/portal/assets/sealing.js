"use strict";
// The form in a browser that seals. All questions are on this page; answers stay in this tab until
// they are sealed here and sent. It asks, checks and warns as the form without scripts does.
(function () {
  var form = document.querySelector("form[data-sealing]");
  if (!form || !window.age || !window.portal) return;
  var data = form.dataset;
  var base = data.sealing;
  var status = document.querySelector("main > [role=status]");
  var summary = document.querySelector(".summary");
  var steps = Array.from(form.querySelectorAll("section"));
  var held = "unspoof-" + data.reference;
  var state = { answers: {}, files: [], cared: false, change: false };
  try { state = JSON.parse(sessionStorage.getItem(held)) || state; } catch (error) { /* a new one */ }
  var here = "";
  var after = "";

  function keep() { sessionStorage.setItem(held, JSON.stringify(state)); }
  function step(name) { return steps.find(function (one) { return one.dataset.step === name; }); }
  function ticket(name) { return form.querySelector("input[name=" + name + "]").value; }
  var order = steps.filter(function (one) { return !("aside" in one.dataset); })
    .map(function (one) { return one.dataset.step; });

  // Names of the fields of a step, in order; a date's three parts count as one.
  function controls(section) { return Array.from(section.querySelectorAll("input[name]:not([type=hidden]), textarea[name]")); }
  function field_of(control) {
    var date = control.closest(".date");
    return date ? control.name.replace(/-(day|month|year)$/, "") : control.name;
  }
  function take(section) {
    var taken = {};
    controls(section).forEach(function (control) {
      var name = field_of(control);
      taken[name] = taken[name] || [];
      var is_choice = control.type === "radio" || control.type === "checkbox";
      if (!is_choice) taken[name].push(control.value.trim());
      else if (control.checked) taken[name].push(control.value);
    });
    Object.assign(state.answers, taken);
    keep();
  }
  function fill() {
    controls(form).forEach(function (control) {
      var values = state.answers[field_of(control)] || [];
      var date = control.closest(".date");
      if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else if (date) control.value = values[Array.from(date.querySelectorAll("input")).indexOf(control)] || "";
      else control.value = values[0] || "";
    });
  }

  function is_date(parts) {
    var number = function (part, least, most) {
      return part === "" || (/^\d+$/.test(part) && Number(part) >= least && Number(part) <= most);
    };
    var day = parts[0], month = parts[1], year = parts[2];
    var leap = year === "" || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
    var days = Number(month) === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(Number(month)) ? 30 : 31;
    return number(day, 1, days) && number(month, 1, 12) && number(year, 1990, 2100);
  }
  function is_amount(text) {
    var figures = text.replace(/\D/g, "").length;
    return text === "" || (figures >= 1 && figures <= 12 && /^[\d., '£€$]{1,24}$/.test(text));
  }

  // What is wrong with a step: pairs of a control and what to do.
  function problems(section) {
    var wrong = [];
    var seen = {};
    controls(section).forEach(function (control) {
      var name = field_of(control);
      var values = state.answers[name] || [];
      if (seen[name]) return;
      seen[name] = true;
      if ((name === "moved" || name === "whom") && values.length === 0) wrong.push([control, data.choose]);
      if (control.closest(".date") && !is_date(values)) wrong.push([control, data.date]);
      if (name === "amount" && !is_amount(values[0] || "")) wrong.push([control, data.amount]);
    });
    return wrong;
  }
  function say(wrong) {
    form.querySelectorAll(".error").forEach(function (one) { one.remove(); });
    form.querySelectorAll(".wrong").forEach(function (one) { one.classList.remove("wrong"); });
    form.querySelectorAll("[aria-invalid]").forEach(function (one) { one.removeAttribute("aria-invalid"); });
    var list = summary.querySelector("ul");
    list.textContent = "";
    summary.hidden = wrong.length === 0;
    wrong.forEach(function (pair) {
      var item = document.createElement("li");
      var link = document.createElement(pair[0] ? "a" : "span");
      link.textContent = pair[1];
      item.append(link);
      list.append(item);
      if (!pair[0]) return;
      link.href = "#" + pair[0].id;
      link.addEventListener("click", function (event) { event.preventDefault(); pair[0].focus(); });
      var box = pair[0].closest("fieldset") || pair[0].closest(".field");
      var error = document.createElement("p");
      error.className = "error";
      error.id = pair[0].id + "-error";
      error.textContent = pair[1];
      box.classList.add("wrong");
      var first = box.querySelector("legend, label");
      first.after(error);
      if (pair[0].type !== "radio") pair[0].setAttribute("aria-invalid", "true");
      pair[0].setAttribute("aria-describedby", error.id);
    });
    if (wrong.length) {
      summary.tabIndex = -1;
      summary.focus();
    }
  }

  function said(name) {
    if (name === "files") return state.files.map(function (file) { return file.name; }).join("\n");
    var values = state.answers[name] || [];
    return values.map(function (value) {
      var choice = document.getElementById(name + "-" + value);
      return choice && choice.labels ? choice.labels[0].textContent : value;
    }).filter(Boolean).join(form.querySelector("input[name=" + name + "-day]") ? " " : "\n");
  }
  function review() {
    form.querySelectorAll("[data-answer]").forEach(function (row) {
      var text = said(row.dataset.answer);
      row.querySelector("dd").textContent = text || data.empty;
      row.querySelector("dd").classList.toggle("hint", !text);
      var change = row.querySelector("button");
      change.setAttribute("aria-label", data.change + ": " + row.querySelector("dt").textContent);
    });
  }
  function list() {
    var files = form.querySelector("ul.files");
    files.textContent = "";
    state.files.forEach(function (file, at) {
      var item = document.createElement("li");
      var name = document.createElement("bdi");
      name.textContent = file.name + " – " + Math.ceil(file.size_bytes / 1000) + " kB";
      var remove = document.createElement("button");
      remove.type = "button";
      remove.className = "plain";
      remove.textContent = data.remove;
      remove.setAttribute("aria-label", data.remove + ": " + file.name);
      remove.addEventListener("click", function () {
        var fields = new URLSearchParams({ ticket: ticket("file-ticket"), id: file.id });
        fetch(base + "/files/remove", { method: "POST", body: fields, credentials: "same-origin" })
          .then(function () { state.files.splice(at, 1); keep(); list(); });
      });
      item.append(name, remove);
      files.append(item);
    });
  }

  function show(name, is_first) {
    var section = step(name) || steps[0];
    here = section.dataset.step;
    steps.forEach(function (one) { one.hidden = one !== section; });
    form.querySelector("[data-go=back]").hidden = here === order[0];
    form.querySelector("[data-save]").hidden = here === "keep";
    say([]);
    status.textContent = "";
    if (here === "answers") review();
    if (here === "files") list();
    var title = section.querySelector("h1");
    document.title = title.textContent + " – " + data.organisation;
    if (is_first) return;
    title.tabIndex = -1;
    title.focus();
    scrollTo(0, 0);
  }
  // Each step has a place in the browser's list, so that its own way back works.
  function go(name) {
    if (location.hash === "#" + name) show(name);
    else location.hash = name;
  }
  function following(name) {
    if (state.change) { state.change = false; keep(); return "answers"; }
    return order[order.indexOf(name) + 1] || "answers";
  }
  function next() {
    if (here === "now") return go(following("urgent"));
    if (here === "care") return go(following(after || order[0]));
    if (here === "files") return go(following("files"));
    take(step(here));
    var wrong = problems(step(here));
    if (wrong.length) return say(wrong);
    var texts = controls(step(here)).map(function (one) { return one.value; }).join("\n");
    texts = texts.toLowerCase().replace(/’/g, "'");
    var in_crisis = data.signs.split("|").some(function (sign) { return sign && texts.includes(sign); });
    if (in_crisis && !state.cared) {
      state.cared = true;
      keep();
      after = here;
      return go("care");
    }
    if (here === "urgent" && (state.answers.moved || [])[0] !== "no") return go("now");
    go(following(here));
  }
  function back() {
    if (here === "keep") return history.back();
    if (state.change) { state.change = false; keep(); return go("answers"); }
    if (here === "now") return go("urgent");
    go(order[Math.max(order.indexOf(here === "care" ? after : here) - (here === "care" ? 0 : 1), 0)]);
  }

  function hex(bytes) {
    return Array.from(new Uint8Array(bytes), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  function encrypter() {
    var made = new age.Encrypter();
    data.recipients.split(" ").forEach(function (recipient) { made.addRecipient(recipient); });
    return made;
  }
  function busy(is) {
    form.querySelectorAll("button").forEach(function (one) { one.disabled = is; });
    if (is) status.textContent = data.working;
  }
  function failed(error) {
    // The page is too old, or the website was started anew. What was entered is in this tab.
    if (error.message === "403") return location.reload();
    busy(false);
    status.textContent = "";
    say([[null, data.failed]]);
  }

  async function add() {
    var input = document.getElementById("file");
    var file = input.files[0];
    if (state.files.length >= Number(data.most)) return say([[null, data.full]]);
    if (!file || !file.size) return say([[input, data.none]]);
    if (file.size > Number(data.files)) return say([[input, data.large]]);
    busy(true);
    try {
      var bytes = new Uint8Array(await file.arrayBuffer());
      var sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
      var sealed = new Blob([await encrypter().encrypt(bytes)]);
      var id = await portal.upload(base + "/files", ticket("file-ticket"), sealed, { sealed: "yes" }, function (sent) {
        status.textContent = Math.floor(100 * sent / sealed.size) + " %";
      });
      state.files.push({ id: id, name: file.name, size_bytes: file.size, sha256: sha256 });
      keep();
      busy(false);
      input.value = "";
      show("files");
    } catch (error) { failed(error); }
  }

  // JSON with spaces up to the next step, so that its length tells little.
  function padded(value) {
    var bytes = new TextEncoder().encode(JSON.stringify(value));
    var all = new Uint8Array(Math.ceil(bytes.length / 4096) * 4096).fill(32);
    all.set(bytes);
    return all;
  }
  async function send() {
    var is_blank = state.files.length === 0 && Object.values(state.answers).every(function (values) {
      return values.every(function (value) { return value === ""; });
    });
    if (is_blank) return say([[null, data.nothing]]);
    busy(true);
    try {
      var told = { version: 1, campaign: data.campaign, reference: data.reference, language: data.language,
        answers: state.answers, files: state.files };
      var sealed = await encrypter().encrypt(padded(told));
      var answer = await portal.ask(form.getAttribute("action"), {
        method: "POST", body: sealed,
        headers: { "Content-Type": "application/octet-stream", "X-Portal-Ticket": ticket("ticket") }
      });
      sessionStorage.removeItem(held);
      location.replace(answer.to);
    } catch (error) { failed(error); }
  }

  // The only way by which answers leave this tab unsealed: somebody asked for a return code.
  async function stop() {
    busy(true);
    var fields = new URLSearchParams({ ticket: ticket("report-ticket") });
    Object.entries(state.answers).forEach(function (pair) {
      var parts = form.querySelector("input[name=" + pair[0] + "-day]") ? ["-day", "-month", "-year"] : null;
      pair[1].forEach(function (value, at) { fields.append(pair[0] + (parts ? parts[at] : ""), value); });
    });
    state.files.forEach(function (file) { fields.append("file-" + file.id, file.name); });
    try {
      var answer = await portal.ask(base + "/keep", { method: "POST", body: fields });
      sessionStorage.removeItem(held);
      location.replace(answer.to);
    } catch (error) { failed(error); }
  }

  var acts = { next: next, back: back, add: add, send: send, keep: stop,
    stop: function () { if (step(here) && !("aside" in step(here).dataset)) take(step(here)); go("keep"); } };
  form.addEventListener("click", function (event) {
    var act = acts[event.target.dataset && event.target.dataset.go];
    if (act) act();
    var row = event.target.closest("[data-answer]");
    if (row && event.target.closest("button")) {
      state.change = true;
      keep();
      go(row.dataset.of);
    }
  });
  // Enter goes on, as on the pages without scripts.
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.tagName === "INPUT" && event.target.type !== "file") {
      event.preventDefault();
      next();
    }
  });
  window.addEventListener("hashchange", function () { show(location.hash.slice(1)); });
  fill();
  form.hidden = false;
  show(location.hash.slice(1) || order[0], true);
})();
