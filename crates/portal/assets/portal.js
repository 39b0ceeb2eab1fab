"use strict";
// What pages gain by scripts: progress of uploads and going on after a break, a way through the
// queue that a browser can work for, the way to sealing in the browser, and a cleaner way out. All
// works without.
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

  // The first 32 bits of SHA-256 (FIPS 180-4) of a short text. The browser's own hash is made for few
  // large pieces: asked for one small piece at a time it takes ten times as long.
  var primes = [];
  for (var n = 2; primes.length < 64; n += 1) {
    if (primes.every(function (prime) { return n % prime; })) primes.push(n);
  }
  function root(power) {
    return function (prime) {
      var exact = Math.pow(prime, power);
      return ((exact - Math.floor(exact)) * 0x100000000) | 0;
    };
  }
  var rounds = primes.map(root(1 / 3));
  var first = primes.slice(0, 8).map(root(1 / 2));
  var words = new Int32Array(64);
  function turn(x, by) { return (x >>> by) | (x << (32 - by)); }
  function hash32(text) {
    var state = first.slice();
    var blocks = Math.ceil((text.length + 9) / 64);
    for (var block = 0; block < blocks; block += 1) {
      words.fill(0);
      for (var i = 0; i < 64; i += 1) {
        var at = block * 64 + i;
        var byte = at < text.length ? text.charCodeAt(at) : at === text.length ? 128 : 0;
        words[i >> 2] |= byte << (24 - 8 * (i & 3));
      }
      if (block === blocks - 1) words[15] = text.length * 8;
      var a = state[0], b = state[1], c = state[2], d = state[3];
      var e = state[4], f = state[5], g = state[6], h = state[7];
      for (i = 0; i < 64; i += 1) {
        if (i > 15) {
          var x = words[i - 15], y = words[i - 2];
          words[i] = words[i - 16] + words[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3))
            + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
        }
        var one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + words[i];
        var two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g; g = f; f = e; e = (d + one) | 0;
        d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach(function (value, at) { state[at] = (state[at] + value) | 0; });
    }
    return state[0];
  }

  // Finds an answer whose hash over place, dot and answer begins with so many zero bits.
  async function work(form) {
    var place = form.querySelector("input[name=place]").value;
    var bits = Number(form.dataset.work);
    for (var answer = 0; answer < 1e8; answer += 1) {
      if (Math.clz32(hash32(place + "." + answer)) >= bits) {
        form.querySelector("input[name=work]").value = String(answer);
        document.querySelector("main [role=status]").textContent = form.dataset.ready;
        return;
      }
      // The page stays alive in between.
      if (answer % 2000 === 1999) await wait(0);
    }
  }

  function can_seal() {
    var line = navigator.connection || {};
    var is_slow = line.saveData || /2g/.test(line.effectiveType || "");
    return !is_slow && window.crypto && crypto.subtle && window.TransformStream && window.sessionStorage;
  }

  // Leaving takes the page out of the browser's list, and what was typed out of the tab.
  document.querySelector(".leave").addEventListener("click", function (event) {
    event.preventDefault();
    try { sessionStorage.clear(); } catch (error) { /* there is none */ }
    location.replace(event.currentTarget.href);
  });
  // A page that the browser kept whole, to come back to, is asked for anew.
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  var form = document.querySelector("form[data-files]:not([data-sealing])");
  if (form && window.fetch && window.URLSearchParams) files(form);
  form = document.querySelector("form[data-work]");
  if (form) work(form);
  var seal = document.querySelectorAll("[data-seal]");
  if (seal.length && can_seal()) {
    seal.forEach(function (one) { one.hidden = false; });
    var begin = seal[0].closest("form").querySelector("button:not(.link)");
    begin.name = "browser";
    begin.value = "yes";
  }
})();
