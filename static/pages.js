// Keys, the count of what is selected, and what came and went meanwhile. Every page works without it.
"use strict";
(() => {
  const body = document.body;
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // The list as it is now: its rows may be made anew while the page is open.
  const boxes = () => all('input[name="alert"]');
  const rows = () => all("[data-row]");
  const link = (row) => row?.querySelector("[data-open]");
  const name = (row) => link(row)?.getAttribute("href");

  // What is selected.
  const tell = () => {
    const every = boxes();
    const selected = every.filter((box) => box.checked).length;
    const count = one("[data-count]");
    if (count) count.textContent = selected ? fill(count.dataset.text, { count: selected }) : "";
    const everyone = one("[data-all]");
    if (everyone) {
      everyone.hidden = false;
      everyone.checked = selected > 0 && selected === every.length;
      everyone.indeterminate = selected > 0 && selected < every.length;
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) {
      for (const box of boxes()) box.checked = target.checked;
    }
    if (target.matches('[data-all], input[name="alert"]')) tell();
  });
  tell();

  // A code or a purpose that needs a note asks for it here already; the server asks in any case.
  for (const verdict of all("[data-verdict], [data-purpose]")) {
    const note = verdict.form.querySelector("[data-note]");
    if (!note) continue;
    const ask = () => {
      const chosen = verdict.selectedOptions[0];
      note.required = Boolean(chosen && "needsNote" in chosen.dataset);
    };
    // The focus stays: keys go through a list one by one, and each of them is a change.
    verdict.addEventListener("change", ask);
    ask();
  }

  // What was shown once is masked again when the page is loaded again, or gone back to.
  const shown = one("[data-address]");
  if (shown) history.replaceState(null, "", shown.dataset.address);

  // Help.
  const help = one("[data-help]");
  const helpButton = one("[data-help-button]");
  if (help && helpButton) {
    helpButton.hidden = false;
    helpButton.addEventListener("click", () => help.showModal());
  }

  // Keys.
  let current = null;
  const stand = (row) => {
    current = row;
    for (const own of rows()) own.classList.toggle("current", own === row);
  };
  const move = (step) => {
    const every = rows();
    if (!every.length) return;
    const place = Math.min(Math.max(every.indexOf(current) + step, 0), every.length - 1);
    stand(every[place]);
    link(current).focus({ preventScroll: true });
    current.scrollIntoView({ block: "nearest" });
  };
  const follow = (selector) => {
    const there = one(selector);
    if (there) there.click();
    return Boolean(there);
  };
  // The same key acts on an alert at once, opens its form, or chooses it for what is selected.
  const act = (key, action) => {
    const button = one(`button[data-key="${key}"]`);
    if (button) return button.click();
    const details = one(`details[data-key-open="${key}"]`);
    if (details) {
      details.open = true;
      details.querySelector("input:not([type=hidden]), select, textarea").focus();
      return;
    }
    const choice = one("[data-bulk] select[name=action]");
    if (!choice) return;
    if (!boxes().some((box) => box.checked) && current) {
      current.querySelector('input[name="alert"]').checked = true;
      tell();
    }
    choice.value = action;
    choice.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const box = current?.querySelector('input[name="alert"]');
      if (box) box.click();
    },
    u: () => follow("[data-back]"),
    n: () => follow("[data-next]") || move(1),
    a: () => act("a", "take"),
    s: () => act("s", "snooze"),
    w: () => act("w", "wait"),
    e: () => act("e", "escalate"),
    v: () => one("[data-verdict]")?.focus(),
    d: () => (one("#since") ?? one("#changed") ?? one("#history"))?.scrollIntoView(),
    "/": () => {
      const field = one("[data-search]") ?? one("[data-filter]");
      if (field) return field.focus();
      if (body.dataset.searchPage) location.assign(body.dataset.searchPage);
    },
    "?": () => help?.showModal(),
  };
  const isTyping = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog");
  if ("shortcuts" in body.dataset) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
      if (isTyping(event.target)) return;
      if (event.key === "Enter" && event.target === body && current) {
        event.preventDefault();
        link(current).click();
        return;
      }
      const does = keys[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    });
  }

  // A list is made anew part by part, each of them what has the same name in the page as it is now. A part that holds the
  // same parts on both sides stays itself.
  const main = one("main");
  const named = (place) => {
    const inner = Array.from(place.querySelectorAll("[data-fresh]"));
    return inner.filter((part) => part.parentElement.closest("main, [data-fresh]") === place);
  };
  const pairs = (own, fresh) => {
    const [here, there] = [named(own), named(fresh)];
    const isSame = here.length === there.length
      && here.every((part, place) => part.dataset.fresh === there[place].dataset.fresh);
    return here.length && isSame ? here.flatMap((part, place) => pairs(part, there[place])) : [[own, fresh]];
  };
  const says = (part) => {
    const sent = Array.from(part.querySelectorAll("input, a"), (one) => one.getAttribute("value") ?? one.getAttribute("href"));
    return [part.textContent, ...sent].join("\n");
  };
  const list = () => rows().map((row) => says(row)).join("\n");

  // Rows do not move under whoever chooses among them, and nothing that was typed is lost.
  let pointed = 0;
  document.addEventListener("pointermove", () => { pointed = Date.now(); }, { passive: true });
  const isTouched = (field) => {
    if (field.type === "hidden" || field.matches("[data-all]")) return false;
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.options) {
      const usual = Array.from(field.options).findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(usual, 0);
    }
    return field.value !== field.defaultValue;
  };
  const isBusy = (part) => {
    const focused = document.activeElement;
    const isFocused = focused !== part && part.contains(focused);
    const isPointed = Date.now() - pointed < 30 * 1000 && part.matches(":hover");
    const fields = Array.from(part.querySelectorAll("input, select, textarea"));
    return isFocused || isPointed || fields.some(isTouched);
  };

  // The same address, asked for by nobody who sits there: it keeps no session alive.
  const now = async () => {
    const headers = { "x-unattended": "1" };
    const answer = await fetch(location.href, { headers, redirect: "error", cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!("list" in page.body.dataset)) throw new Error("not a list");
    // Somebody else has signed in meanwhile, or the language is another.
    const token = (place) => place.querySelector("[name=csrf]")?.value;
    const isSame = token(page) === token(document) && page.documentElement.lang === document.documentElement.lang;
    if (!isSame) throw new Error("another session");
    return page;
  };
  // Puts the rows of now in the place of those that are shown: what is ticked stays, as long as it is as it was seen, and
  // so do the focus, the row that the keys are at, and the place that is looked at.
  const renew = (changed) => {
    const ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
    const focused = document.activeElement;
    const isBox = focused.matches('input[name="alert"]');
    const at = name(focused.closest("[data-row]"));
    const stood = name(current);
    const edge = rows().find((row) => row.getBoundingClientRect().bottom > 0);
    const top = edge?.getBoundingClientRect().top;
    const looked = name(edge);
    for (const [own, fresh] of changed) own.replaceChildren(...fresh.childNodes);
    for (const box of boxes()) box.checked = ticked.has(box.value);
    tell();
    const row = (of) => of && rows().find((row) => name(row) === of);
    stand(row(stood) ?? null);
    const again = row(at);
    if (again) (isBox ? again.querySelector('input[name="alert"]') : link(again))?.focus({ preventScroll: true });
    const there = row(looked);
    if (there && window.scrollY > 0) window.scrollBy(0, there.getBoundingClientRect().top - top);
  };

  // What came and went since the page was made.
  const live = one("[data-live]");
  if (live && "signedIn" in body.dataset && "EventSource" in window) {
    const isOfList = "list" in body.dataset;
    const alert = body.dataset.alert;
    if (isOfList || alert) {
      const query = new URLSearchParams({ epoch: body.dataset.epoch });
      if (alert) query.set("alert", alert);
      let source = null;
      const complete = one("[data-complete]");
      const bar = live.querySelector("[data-live-bar]");
      const show = bar.querySelector("a");
      const say = (template, news, isOffered) => {
        const text = fill(template, { raised: news.raised_text, withdrawn: news.withdrawn_text });
        const place = live.querySelector("[data-live-text]");
        if (place.textContent !== text) place.textContent = text;
        show.hidden = !isOffered;
        bar.hidden = false;
      };
      // A further page of a list is as it was when the first was shown.
      const isFixed = new URLSearchParams(location.search).has("as_of") || !named(main).length;
      // At most so often: everybody who looks at a list asks.
      const every = 10 * 1000;
      // Pages that nobody looks at leave their place to others, and keep no session alive.
      const patience = 5 * 60 * 1000;
      let touched = Date.now();
      let news = null;
      let asked = 0;
      let isAsking = false;
      const offer = () => say(live.dataset.text, news, true);
      // Whoever wants a list to stand still says so once for all lists of the tab.
      const pause = one("[data-paused]");
      const paused = pause?.querySelector("input");
      if (paused && !isFixed) {
        paused.checked = sessionStorage.getItem("paused") === "1";
        paused.addEventListener("change", () => sessionStorage.setItem("paused", paused.checked ? "1" : ""));
        pause.hidden = false;
      }
      const isTyped = () => Array.from(main.querySelectorAll("input, select, textarea")).some(isTouched);
      const update = async (isWished) => {
        if (!news || isAsking) return;
        if (!isWished) {
          // Nobody is there, or somebody is at the bar itself.
          if (Date.now() - touched > patience || live.contains(document.activeElement)) return;
          if (isFixed || paused?.checked || rows().some((row) => isBusy(row.closest("table")))) return offer();
          if (document.hidden || Date.now() - asked < every) return;
        }
        isAsking = true;
        try {
          const told = news;
          const page = await now();
          const changed = pairs(main, page.querySelector("main")).filter(([own, fresh]) => says(own) !== says(fresh));
          if (!isWished && changed.some(([own]) => isBusy(own))) return offer();
          const before = list();
          renew(changed);
          body.dataset.epoch = page.body.dataset.epoch;
          query.set("epoch", body.dataset.epoch);
          news = null;
          if (isWished || before !== list()) say(live.dataset.shown, told, false);
          if (isWished) main.focus({ preventScroll: true });
          if (source) {
            source.close();
            listen();
          }
        } catch {
          // The session has ended, or the service does not answer: nothing that is shown or typed is lost by it.
          if (isWished && !isTyped()) location.assign(show.href);
          else offer();
        } finally {
          asked = Date.now();
          isAsking = false;
        }
      };
      if (!isFixed) {
        show.addEventListener("click", (event) => {
          event.preventDefault();
          update(true);
        });
        setInterval(() => update(false), 2 * 1000);
      }
      const listen = () => {
        const own = new EventSource(`/live?${query}`);
        source = own;
        // One that was refused, as where too many pages are open, does not come again by itself.
        own.addEventListener("error", () => {
          if (own.readyState === EventSource.CLOSED && source === own) source = null;
        });
        own.addEventListener("frontier", (event) => {
          if (source !== own) return;
          const said = JSON.parse(event.data);
          if (complete) complete.textContent = fill(complete.dataset.text, said);
          if (isOfList && (said.raised || said.withdrawn)) {
            news = said;
            update(false);
          }
          const banner = one("[data-alert-banner]");
          if (alert && said.alert && banner) {
            const text = live.dataset[said.alert];
            if (banner.textContent !== text) banner.textContent = text;
            banner.hidden = false;
          }
        });
      };
      const decide = () => {
        if (document.hidden || Date.now() - touched > patience) {
          source?.close();
          source = null;
        } else if (!source) {
          listen();
        }
      };
      document.addEventListener("visibilitychange", decide);
      setInterval(decide, 10 * 1000);
      for (const sign of ["keydown", "pointermove", "scroll"]) {
        document.addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
      }
      window.addEventListener("pagehide", () => source?.close());
      decide();
    }
  }
})();
