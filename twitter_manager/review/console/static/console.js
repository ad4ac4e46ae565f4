/* What makes the console quicker to use. Every page works without it. */
"use strict";

const root = document.documentElement;
root.classList.add("scripted");

/* Say something to a person, and to a screen reader. */
function tell(words) {
  const told = document.getElementById("told");
  const line = document.createElement("p");
  line.textContent = words;
  told.replaceChildren(line);
}

/* A form is sent once, however often its button is pressed. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (form.dataset.slow) tell(form.dataset.slow);
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
/* Who comes back to a page may send its forms again. */
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

/* --- Keys -------------------------------------------------------------------------------------- */

const help = document.getElementById("help");
const keysOn = document.getElementById("keys-on");

function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
}

if (help) {
  const open = document.getElementById("open-help");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  keysOn.checked = remembered("keys") !== "off";
  keysOn.addEventListener("change", () => remember("keys", keysOn.checked ? "on" : "off"));
}

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=checkbox]), textarea, select");
}

/* The draft that keys are about: that of the page, or the one in the queue that has the focus. */
function current() {
  const own = document.querySelector("div.draft[data-draft]");
  return own || document.activeElement.closest("[data-draft]");
}

function step(by) {
  const all = [...document.querySelectorAll("article.entry")];
  if (!all.length) return false;
  const at = all.indexOf(document.activeElement.closest("article.entry"));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
  return true;
}

/* Do what the draft's own control with this key does; without one, do it on the draft's page. */
function act(key) {
  const draft = current();
  if (!draft) return false;
  const control = draft.querySelector(`[data-key="${key}"]`);
  if (control instanceof HTMLFormElement) {
    const at = [...document.querySelectorAll("article.entry")].indexOf(draft);
    if (at >= 0) sessionStorage.setItem("place", String(at));
    control.requestSubmit();
  } else if (control) {
    follow(control);
  } else if (draft.matches("article") && draft.dataset.draft && (key === "r" || key === "d")) {
    location.href = `/draft/${draft.dataset.draft}#${key === "d" ? "schedule" : "regenerate"}`;
  } else {
    return false;
  }
  return true;
}

function follow(link) {
  const target = link.hash && link.pathname === location.pathname ? document.querySelector(link.hash) : null;
  if (!target) {
    link.click();
    return;
  }
  target.scrollIntoView();
  (target.parentElement.querySelector("textarea, input:not([type=hidden])") || target).focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: () => document.activeElement.matches("article.entry") && openEntry(document.activeElement),
  x: () => pick(),
  a: () => act("a"),
  s: () => act("s"),
  e: () => act("e"),
  r: () => act("r"),
  d: () => act("d"),
  q: () => { location.href = document.querySelector('.trail [data-key="q"]')?.href || "/queue"; return true; },
  "?": () => { help.showModal(); return true; },
};

function openEntry(entry) {
  entry.querySelector(".head a").click();
  return true;
}

function pick() {
  const box = document.activeElement.closest("article.entry")?.querySelector("input[type=checkbox]");
  if (box) box.click();
  return Boolean(box);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (!help || help.open || isTyping(event.target)) return;
  if (!keysOn.checked && event.key !== "?") return;
  const arrows = event.key.startsWith("Arrow");
  if (arrows && (event.shiftKey || event.target.closest(".material, summary"))) return;
  if (event.repeat && !arrows && event.key !== "j" && event.key !== "k") return;
  if (Object.hasOwn(keys, event.key) && keys[event.key]()) event.preventDefault();
});

/* After a decision in the queue or the inbox the next draft has the focus. */
const place = sessionStorage.getItem("place");
if (place !== null && ["/queue", "/inbox"].includes(location.pathname)) {
  sessionStorage.removeItem("place");
  const left = document.querySelectorAll("article.entry");
  left[Math.min(Number(place), left.length - 1)]?.focus();
}

/* Who comes for a certain place of a draft's page finds the focus there. A browser moves it to the heading first. */
function land() {
  if (location.hash === "#regenerate") document.querySelector('form[data-key="r"] button')?.focus();
  if (location.hash !== "#edit" && location.hash !== "#schedule") return;
  document.querySelector(location.hash)?.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
}
window.addEventListener("load", () => setTimeout(land, 0));
window.addEventListener("hashchange", land);
document.getElementById("trouble")?.scrollIntoView({ block: "center" });

/* --- Several at once ----------------------------------------------------------------------------- */

const all = document.getElementById("pick-all");
if (all) {
  const boxes = document.querySelectorAll(".entry input[type=checkbox]");
  all.closest("label").hidden = !boxes.length;
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; });
}

/* --- Counting and checking while a person writes ---------------------------------------------------- */

function listOf(className, lines) {
  const list = document.createElement("ul");
  list.className = className;
  for (const [words, kind] of lines) {
    const item = document.createElement("li");
    item.textContent = words;
    if (kind) item.className = kind;
    list.append(item);
  }
  return list;
}

function showChecked(form, found) {
  for (const field of form.querySelectorAll("[data-part]")) {
    const counted = found.parts[Number(field.dataset.part)] || [];
    const lines = counted.map((each) => [`${each.platform} ${each.told}${each.over ? ", too long" : ""}`, each.over ? "over" : ""]);
    field.querySelector(".counted").replaceChildren(listOf("lengths", lines));
  }
  const several = found.parts.length > 1;
  const wrong = found.violations.map((each) => [(several ? `Part ${each.part}: ` : "") + each.message, ""]);
  const lines = wrong.length ? wrong : [["Nothing is wrong with it.", "good"]];
  form.querySelector("#checked").replaceChildren(listOf("violations", lines));
}

for (const form of document.querySelectorAll("form[data-check]")) {
  let waiting = 0;
  let asked = null;

  async function check() {
    asked?.abort();
    asked = new AbortController();
    const headers = { Accept: "application/json" };
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", headers, body, signal: asked.signal });
      const found = await answer.json();
      if (found.error) showChecked(form, { parts: [], violations: [{ part: 1, message: found.error }] });
      else showChecked(form, found);
    } catch (error) {
      if (error.name !== "AbortError") form.querySelector("#checked").replaceChildren();
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, 400);
  });
}
