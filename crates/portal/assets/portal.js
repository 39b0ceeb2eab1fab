"use strict";
// What pages gain by scripts: progress of uploads and going on after a break, a way through the
// queue that a browser can work for, and the way to sealing in the browser. All works without.
(function () {
  function wait(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }

  function ask(url, options) {
    options.credentials = "same-origin";
    return fetch(url, options).then(function (answer) {
      if (answer.status === 409 || answer.ok) return answer.json();
      var error = new Error(String(answer.status));
      error.final = answer.status < 500 && answer.status !== 429 && answer.status !== 408;
      throw error;
    });
  }

  // Sends a file in pieces. `more` are further fields of its announcement.
  async function upload(at, ticket, blob, more, progress) {
    var fields = new URLSearchParams(Object.assign({ ticket: ticket, size: String(blob.size) }, more));
    var place = null;
    var failed = 0;
    while (!place || place.offset < blob.size) {
      try {
        if (!place) {
          place = await ask(at + "/open", { method: "POST", body: fields });
          continue;
        }
        place = await ask(at + "/part/" + place.id + "/" + place.offset, {
          method: "POST", body: blob.slice(place.offset, place.offset + 262144),
          headers: { "Content-Type": "application/octet-stream", "X-Portal-Ticket": ticket }
        });
        failed = 0;
      } catch (error) {
        failed += 1;
        if (error.final || failed > 20) throw error;
        await wait(Math.min(1000 * failed, 10000));
        if (place) {
          place = await ask(at + "/part/" + place.id, { method: "GET" }).catch(function () { return place; });
        }
      }
      progress(place ? place.offset : 0);
    }
    return place.id;
  }
  window.portal = { ask: ask, upload: upload };

  function files(form) {
    var input = form.querySelector("input[type=file]");
    var said = form.querySelector("[role=status]");
    var bar = document.createElement("progress");
    var at = form.getAttribute("action");
    bar.setAttribute("aria-label", input.labels[0].textContent);
    form.addEventListener("submit", function (event) {
      var file = input.files && input.files[0];
      if (!file || !file.size || file.size > Number(form.dataset.files)) return;
      event.preventDefault();
      bar.max = file.size;
      bar.value = 0;
      input.after(bar);
      form.querySelector("button").disabled = true;
      upload(at, form.querySelector("input[name=ticket]").value, file, { name: file.name }, function (sent) {
        bar.value = sent;
        said.textContent = Math.floor(100 * sent / file.size) + " %";
      }).then(function () { location.replace(at); }, function () { form.submit(); });
    });
  }

  // Finds an answer whose hash over place, dot and answer begins with so many zero bits.
  async function work(form) {
    var place = form.querySelector("input[name=place]").value;
    var bits = Number(form.dataset.work);
    for (var from = 0; from < 1e8; from += 256) {
      var hashes = await Promise.all(Array.from({ length: 256 }, function (_, n) {
        return crypto.subtle.digest("SHA-256", new TextEncoder().encode(place + "." + (from + n)));
      }));
      for (var n = 0; n < 256; n += 1) {
        var view = new DataView(hashes[n]);
        if (Math.clz32(view.getUint32(0)) >= bits) {
          form.querySelector("input[name=work]").value = String(from + n);
          document.querySelector("main [role=status]").textContent = form.dataset.ready;
          return;
        }
      }
    }
  }

  function can_seal() {
    var line = navigator.connection || {};
    var is_slow = line.saveData || /2g/.test(line.effectiveType || "");
    return !is_slow && window.crypto && crypto.subtle && window.TransformStream && window.sessionStorage;
  }

  var form = document.querySelector("form[data-files]:not([data-sealing])");
  if (form && window.fetch && window.URLSearchParams) files(form);
  form = document.querySelector("form[data-work]");
  if (form && window.crypto && crypto.subtle) work(form);
  var seal = document.querySelectorAll("[data-seal]");
  if (seal.length && can_seal()) {
    seal.forEach(function (one) { one.hidden = false; });
    var begin = seal[0].closest("form").querySelector("button:not(.link)");
    begin.name = "browser";
    begin.value = "yes";
  }
})();
