// The page on which a person writes a post: counts while they type, and takes pictures as soon as they are chosen.
"use strict";

(() => {
  const form = document.getElementById("write");
  const look = form.querySelector('button[value="look"]');
  const DELAY = 350;
  const MOMENTS = ["at", "expires", "until"];
  let timer = 0;
  let asked = 0;

  document.getElementById("summary")?.focus();

  // What the checks say of one part, put in the place of what stands there.
  function show(number, part) {
    const lengths = document.getElementById(`lengths-${number}`);
    const problems = document.getElementById(`problems-${number}`);
    if (!lengths || !problems) return;
    lengths.replaceChildren(...part.lengths.map((length) => {
      const line = document.createElement("li");
      const title = document.createElement("span");
      title.textContent = length.title;
      line.append(title, ` ${length.told}`);
      line.classList.toggle("over", length.over);
      return line;
    }));
    const told = part.problems.join("\n");
    if (problems.dataset.told === told) return;
    problems.dataset.told = told;
    problems.replaceChildren(...part.problems.map((words) => {
      const line = document.createElement("p");
      line.className = "wrong";
      line.textContent = words;
      return line;
    }));
    document.getElementById(`wrong-text-${number}`)?.remove();
  }

  // What is understood of a moment that is said in words.
  function showMoment(name, moment) {
    const told = document.getElementById(`moment-${name}`);
    const words = moment ? moment.words : "";
    if (told.textContent === words) return;
    told.textContent = words;
    told.classList.toggle("wrong", Boolean(moment && moment.wrong));
    document.getElementById(`wrong-${name}`)?.remove();
  }

  async function check() {
    const mine = ++asked;
    const typed = new FormData(form);
    typed.delete("picture");
    const body = new URLSearchParams(typed);
    try {
      const answer = await fetch("/write/check", { method: "POST", body });
      if (!answer.ok || mine !== asked) return;
      const { parts, moments } = await answer.json();
      parts.forEach((part, number) => show(number, part));
      for (const name of MOMENTS) showMoment(name, moments[name]);
    } catch {
      // The console has ended: what is typed stays, and the button says so.
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(check, DELAY);
  }

  form.addEventListener("input", (event) => {
    if (["text", "platform", ...MOMENTS].includes(event.target.name)) soon();
  });
  form.addEventListener("change", (event) => {
    if (event.target.id === "picture" && event.target.files.length) form.requestSubmit(look);
    if (event.target.id === "bot") form.requestSubmit(look);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit(form.querySelector('button[value="post"]'));
    }
  });
})();
