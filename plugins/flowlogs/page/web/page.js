// What the page does in the browser: fetch fragments, choose days, post to Airflow's own REST API and follow the runs.
"use strict";

const byId = (id) => document.getElementById(id);
const framed = window.parent !== window;
const mayTrigger = document.body.dataset.mayTrigger === "yes";
const chosen = new Set();

// --- Airflow's theme, in its frame; opened alone, the system's --------------------------------------------------------
function followTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let root = null;
  try { root = framed ? window.parent.document.documentElement : null; } catch { /* framed by somebody else */ }
  const apply = () => document.documentElement.classList.toggle("dark", root ? root.classList.contains("dark") : system.matches);
  if (root) new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["class"] });
  else system.addEventListener("change", apply);
  apply();
}
followTheme();

// --- Links. Airflow's frame lets a page open neither windows nor the page above it. -----------------------------------
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.airflow, a.outside");
  if (!link || event.defaultPrevented) return;
  if (link.classList.contains("outside")) {
    event.preventDefault();
    const page = framed ? window.parent.document : document;
    const opener = page.createElement("a");
    Object.assign(opener, { href: link.href, target: "_blank", rel: "noopener noreferrer" });
    opener.click();
  } else if (framed && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const target = new URL(link.href);
    window.parent.history.pushState(null, "", target.pathname + target.search);
    window.parent.dispatchEvent(new PopStateEvent("popstate", { state: null }));
  }
});

// --- Fragments --------------------------------------------------------------------------------------------------------
async function fragment(path) {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if ((answer.headers.get("Content-Type") || "").includes("text/html")) return answer.text();
  if (answer.status === 401) return problem("You are signed out: sign in to Airflow and load this page again.");
  if (answer.status === 403) return problem("You have no right to see this.");
  return problem(`The server answered ${answer.status}.`);
}

function problem(words) {
  const text = document.createElement("p");
  text.className = "soft";
  text.textContent = words;
  return text.outerHTML;
}

async function show(element, path) {
  element.classList.add("waiting");
  const turn = (element.turn = (element.turn || 0) + 1);
  let html;
  try { html = await fragment(path); } catch { html = problem("The server does not answer."); }
  if (turn !== element.turn) return false; // a later request has been made meanwhile
  element.innerHTML = html;
  element.classList.remove("waiting");
  return true;
}

let overviewTimer = 0;
async function showOverview(fresh) {
  const days = byId("overview").querySelector(".scroll"), list = byId("overview").querySelector(".days-list");
  const [left, top] = [days?.scrollLeft, list?.scrollTop];
  const { day, choose } = document.activeElement?.dataset ?? {};
  await show(byId("overview"), fresh ? "overview?fresh=true" : "overview");
  afterOverview();
  if (left !== undefined) scrollCalendar(left);
  const newList = byId("overview").querySelector(".days-list");
  if (top && newList) newList.scrollTop = top;
  if (day) byId("overview").querySelector(`.cell[data-day="${day}"]`)?.focus({ preventScroll: true });
  if (choose) byId("overview").querySelector(`[data-choose="${choose}"]`)?.focus({ preventScroll: true });
}

function scrollCalendar(left) {
  const days = byId("overview").querySelector(".scroll");
  if (!days) return;
  const newest = [...days.querySelectorAll("tbody tr:first-child .cell")].at(-1);
  // Where the calendar is wider than the window, the newest day is what counts.
  const hidden = newest ? newest.getBoundingClientRect().right + 30 - days.getBoundingClientRect().right : 0;
  days.scrollLeft = left ?? days.scrollLeft + Math.max(0, hidden);
}

function afterOverview() {
  markChosen();
  markOpen();
  const state = byId("overview-state");
  clearTimeout(overviewTimer);
  if (!state) return;
  const reading = state.dataset.known === "no" || Number(state.dataset.toRead) > 0;
  if (reading) overviewTimer = setTimeout(() => showOverview(false), 700);
  else if (Number(state.dataset.active) > 0) overviewTimer = setTimeout(() => showOverview(false), 5000);
  if (afterOverview.wasReading && !reading) { showTargets(); showPanels(); }
  afterOverview.wasReading = reading;
}

// --- Targets ----------------------------------------------------------------------------------------------------------
let targetsPage = 1;
async function showTargets() {
  const query = new URLSearchParams(new FormData(byId("targets-form")));
  query.set("page", targetsPage);
  if (await show(byId("targets"), `targets?${query}`)) {
    const scroll = byId("targets").querySelector(".matrix-scroll");
    if (scroll) scroll.scrollLeft = scroll.scrollWidth; // the newest days
  }
}

let typing = 0;
byId("targets-form").addEventListener("input", () => {
  targetsPage = 1;
  clearTimeout(typing);
  typing = setTimeout(showTargets, 200);
});
byId("targets-form").addEventListener("submit", (event) => event.preventDefault());
byId("targets").addEventListener("click", (event) => {
  const button = event.target.closest("[data-page]");
  if (button) { targetsPage = Number(button.dataset.page); showTargets(); return; }
  const strip = event.target.closest(".strip[data-first]");
  if (!strip) return;
  const days = Number(getComputedStyle(strip).getPropertyValue("--days"));
  const box = strip.getBoundingClientRect();
  const at = Math.min(days - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * days)));
  openDay(dayAfter(strip.dataset.first, at), strip.parentElement.querySelector(".name").title);
});

function dayAfter(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
}

function showPanels() {
  for (const panel of document.querySelectorAll("[data-panel]")) show(panel, `panels/${panel.dataset.panel}`);
}

// --- A day ------------------------------------------------------------------------------------------------------------
const drawer = byId("day");
let shownDay = null, cameFrom = null, dayQuery = "";

function openDay(day, filter) {
  dayQuery = filter ? `?${new URLSearchParams({ q: filter.split("/").join(" ") })}` : "";
  if (location.hash === `#day=${day}`) showHash(); else location.hash = `day=${day}`;
}

async function showHash() {
  const found = /^#day=(\d{4}-\d\d-\d\d)$/.exec(location.hash);
  if (!found) { closeDay(); return; }
  if (drawer.hidden) cameFrom = document.activeElement;
  shownDay = found[1];
  drawer.hidden = false;
  markOpen();
  await showDay(dayQuery);
  dayQuery = "";
  drawer.scrollTop = 0;
  drawer.focus();
}

let dayTimer = 0;
async function showDay(query) {
  const day = shownDay;
  await show(drawer, `day/${day}${query}`);
  clearTimeout(dayTimer);
  const state = byId("day-state");
  if (state && Number(state.dataset.active) > 0) {
    dayTimer = setTimeout(() => { if (shownDay === day && !drawer.contains(document.activeElement?.closest("input, select"))) showDay(query); }, 4000);
  }
}

function closeDay() {
  if (drawer.hidden) return;
  drawer.hidden = true;
  shownDay = null;
  clearTimeout(dayTimer);
  markOpen();
  if (cameFrom && document.contains(cameFrom)) cameFrom.focus();
}

function markOpen() {
  for (const cell of document.querySelectorAll(".cell")) cell.classList.toggle("open", cell.dataset.day === shownDay);
}

addEventListener("hashchange", showHash);
addEventListener("keydown", (event) => { if (event.key === "Escape" && !byId("rerun").open && !drawer.hidden) location.hash = ""; });
function dayFormQuery(changes) {
  const form = byId("day-form");
  const query = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), ...changes });
  return `?${query}`;
}
drawer.addEventListener("click", (event) => {
  const sort = event.target.closest("[data-sort]"), page = event.target.closest("[data-day-page]"), again = event.target.closest("[data-rerun]");
  if (sort) showDay(dayFormQuery({ sort: sort.dataset.sort, page: 1 }));
  else if (page) showDay(dayFormQuery({ page: page.dataset.dayPage }));
  else if (again) openRerun([again.dataset.rerun]);
});
drawer.addEventListener("input", (event) => {
  if (!event.target.closest("#day-form")) return;
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const name = event.target.name, at = event.target.selectionStart;
    await showDay(dayFormQuery({ page: 1 }));
    const field = byId("day-form")?.elements[name];
    if (field) { field.focus(); if (at !== null && field.setSelectionRange) field.setSelectionRange(at, at); }
  }, 250);
});
drawer.addEventListener("submit", (event) => event.preventDefault());

// --- Choosing days ----------------------------------------------------------------------------------------------------
let lastChosen = null;
byId("overview").addEventListener("click", (event) => {
  const cell = event.target.closest(".cell"), all = event.target.closest("[data-choose-all]");
  if (all) { all.dataset.chooseAll.split(",").forEach((day) => chosen.add(day)); markChosen(); }
  if (!cell) return;
  const day = cell.dataset.day;
  if (event.shiftKey && lastChosen) {
    const cells = [...document.querySelectorAll(".cell")].map((one) => one.dataset.day);
    const [from, to] = [lastChosen, day].sort();
    cells.filter((one) => one >= from && one <= to).forEach((one) => chosen.add(one));
    lastChosen = day;
    markChosen();
  } else if (event.shiftKey || event.ctrlKey || event.metaKey || byId("choosing").checked) choose(day, !chosen.has(day));
  else openDay(day);
});
byId("overview").addEventListener("change", (event) => {
  if (event.target.dataset.choose) choose(event.target.dataset.choose, event.target.checked);
  if (event.target.id === "choosing") choosing = event.target.checked;
});
let choosing = false;

function choose(day, whether) {
  if (whether) chosen.add(day); else chosen.delete(day);
  lastChosen = day;
  markChosen();
}

function markChosen() {
  for (const cell of document.querySelectorAll(".cell")) {
    cell.classList.toggle("chosen", chosen.has(cell.dataset.day));
    cell.setAttribute("aria-pressed", chosen.has(cell.dataset.day));
  }
  for (const box of document.querySelectorAll("[data-choose]")) box.checked = chosen.has(box.dataset.choose);
  const box = byId("choosing");
  if (box) box.checked = choosing;
  const days = [...chosen].sort();
  byId("chosen").hidden = days.length === 0;
  byId("chosen-count").textContent = days.length === 1 ? "1 day chosen" : `${days.length} days chosen`;
  byId("chosen-days").textContent = days.length > 4 ? `${days[0]} … ${days.at(-1)}` : days.join(", ");
}

byId("chosen-clear").addEventListener("click", () => { chosen.clear(); markChosen(); });
byId("chosen-run")?.addEventListener("click", () => openRerun([...chosen].sort()));

// --- Running days again: the server plans, Airflow's API is asked from here, with the session of who is signed in ------
const rerun = byId("rerun");
let rerunDays = [], rerunPlan = null, followTimer = 0;

function openRerun(days) {
  if (!mayTrigger) return;
  rerunDays = days;
  byId("rerun-days").textContent = days.join(", ");
  byId("rerun-progress").hidden = true;
  byId("rerun-start").hidden = false;
  for (const field of rerun.querySelectorAll("fieldset")) field.hidden = false;
  rerun.querySelector("[name=only][value=all]").checked = true;
  rerun.querySelector("[name=reprocess][value=completed]").checked = true;
  if (!rerun.open) rerun.showModal();
  makePlan();
}

const picked = (name) => rerun.querySelector(`[name=${name}]:checked`).value;

function tell(words, fault) {
  byId("rerun-words").textContent = words || "";
  byId("rerun-problem").hidden = !fault;
  byId("rerun-problem").textContent = fault || "";
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body),
  });
  const found = await answer.json().catch(() => null);
  if (answer.ok) return found;
  const detail = found?.detail;
  throw new Error(answer.status === 403 ? "You may not trigger flow_logs_daily." : answer.status === 401 ? "You are signed out: sign in to Airflow again."
    : typeof detail === "string" ? detail : Array.isArray(detail) ? detail.map((one) => one.msg).join("; ") : `Airflow answered ${answer.status}.`);
}

async function makePlan() {
  rerunPlan = null;
  byId("rerun-start").disabled = true;
  try {
    const found = await post("plan", { days: rerunDays, reprocess: picked("reprocess"), only_incomplete: picked("only") === "incomplete" });
    rerunPlan = found;
    byId("rerun-reprocess").hidden = !found.calls.some((call) => call.path.endsWith("/backfills"));
    tell(found.words, found.is_paused ? "flow_logs_daily is switched off: the runs wait until it is switched on." : "");
    byId("rerun-start").disabled = false;
  } catch (error) { tell("", error.message); }
}

rerun.addEventListener("change", makePlan);
byId("rerun-close").addEventListener("click", () => rerun.close());
rerun.addEventListener("close", () => { clearTimeout(followTimer); showOverview(true); if (shownDay) showDay(""); });

byId("rerun-start").addEventListener("click", async () => {
  if (!rerunPlan) return;
  byId("rerun-start").disabled = true;
  let started = 0;
  try {
    for (const call of rerunPlan.calls) { await post(`..${call.path}`, call.body); started += 1; }
  } catch (error) {
    const before = started ? `${started} of ${rerunPlan.calls.length} were started. ` : "";
    tell("", before + error.message);
    if (!started) { byId("rerun-start").disabled = false; return; }
  }
  const done = rerunPlan.days;
  done.forEach((day) => chosen.delete(day));
  markChosen();
  byId("rerun-start").hidden = true;
  for (const field of rerun.querySelectorAll("fieldset")) field.hidden = true;
  if (started === rerunPlan.calls.length) tell("Started. It goes on when this is closed.", "");
  follow(done);
  showOverview(false);
});

async function follow(days) {
  let found = {};
  try {
    const answer = await fetch(`runs?days=${days.join(",")}`, { credentials: "same-origin" });
    if (answer.ok) found = await answer.json();
  } catch { /* asked again below */ }
  const list = document.createElement("ol");
  for (const day of days) {
    const item = document.createElement("li"), state = document.createElement("span"), link = document.createElement("a");
    const run = found[day];
    state.className = `run ${run ? run.state : ""}`;
    state.textContent = run ? run.state : "–";
    link.textContent = day;
    if (run) { link.className = "airflow"; link.href = `..${run.path}`; }
    item.append(link, state);
    list.append(item);
  }
  byId("rerun-progress").replaceChildren(list);
  byId("rerun-progress").hidden = false;
  const going = days.filter((day) => !found[day] || ["queued", "running"].includes(found[day].state));
  if (!rerun.open) return;
  if (going.length) { followTimer = setTimeout(() => follow(days), 2000); return; }
  const failed = days.filter((day) => found[day].state === "failed").length;
  tell(failed ? "" : "Done: every run ended well.", failed ? `${failed} of ${days.length} failed; the links show why.` : "");
  showOverview(true);
}

byId("refresh").addEventListener("click", () => { showOverview(true); showTargets(); showPanels(); });
afterOverview();
scrollCalendar();
showTargets();
showPanels();
showHash();
