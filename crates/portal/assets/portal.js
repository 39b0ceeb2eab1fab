"use strict";
// Only for progress and for going on after a break: without this file the form is sent whole.
(function () {
  var form = document.querySelector("form[data-files]");
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var input = form.querySelector("input[type=file]");
  var said = form.querySelector("[role=status]");
  var bar = document.createElement("progress");
  var ticket = form.querySelector("input[name=ticket]").value;
  var at = form.getAttribute("action");
  bar.setAttribute("aria-label", input.labels[0].textContent);
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
  async function send(file) {
    var body = new URLSearchParams({ ticket: ticket, name: file.name, size: String(file.size) });
    var place = await ask(at + "/open", { method: "POST", body: body });
    var failed = 0;
    while (place.offset < file.size) {
      var part = file.slice(place.offset, place.offset + 262144);
      try {
        place = await ask(at + "/part/" + place.id + "/" + place.offset, {
          method: "POST", body: part,
          headers: { "Content-Type": "application/octet-stream", "X-Portal-Ticket": ticket }
        });
        failed = 0;
      } catch (error) {
        failed += 1;
        if (error.final || failed > 20) throw error;
        await wait(Math.min(1000 * failed, 10000));
        place = await ask(at + "/part/" + place.id, { method: "GET" }).catch(function () { return place; });
      }
      bar.value = place.offset;
      said.textContent = Math.floor(100 * place.offset / file.size) + " %";
    }
  }
  form.addEventListener("submit", function (event) {
    var file = input.files && input.files[0];
    if (!file || !file.size || file.size > Number(form.dataset.files)) return;
    event.preventDefault();
    bar.max = file.size;
    bar.value = 0;
    input.after(bar);
    form.querySelector("button").disabled = true;
    send(file).then(function () { location.replace(at); }, function () { form.submit(); });
  });
})();
