// Shows the lifecycle of a launch. Everything that comes from data goes in as text, never as markup: host names, paths and
// messages are not to be trusted.

const POLL_RUNNING = 500;
// Often enough that a launch which begins is not missed.
const POLL_IDLE = 1000;

const RESULTS = {
  holds: { icon: '✓', text: 'holds', several: 'hold' },
  fails: { icon: '✕', text: 'fails', several: 'fail' },
  unknown: { icon: '?', text: 'unknown', several: 'unknown' },
};

/** What an end means for the user; the badge beside it has its name. */
const ENDS = {
  READY: 'The application may start',
  FAILED: 'The guard failed and could not show that the profile is free',
};

/** The choice at the start, which a state diagram draws as its beginning. */
const START = 'START';
const drawn = (state) => (state === START ? '[*]' : state);

const $ = (id) => document.getElementById(id);

/** An element with classes and children; strings become text nodes. */
function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...children);
  return element;
}

const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false,
});
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function duration(millis) {
  if (millis < 1) {
    return '< 1 ms';
  }
  if (millis < 1000) {
    return `${Math.round(millis)} ms`;
  }
  return millis < 60_000 ? `${(millis / 1000).toFixed(2)} s` : `${(millis / 60_000).toFixed(1)} min`;
}

/** A time element; what is no date is shown as it is. */
function time(text, format) {
  const date = new Date(text);
  const valid = !Number.isNaN(date.getTime());
  const element = el('time', '', valid ? format.format(date) : String(text));
  if (valid) {
    element.dateTime = date.toISOString();
    element.title = dayAndTime.format(date);
  }
  return element;
}

// ---------------------------------------------------------------------------------------------------------------- diagram

/** The state diagram, drawn once from the table's text; later only marked. */
class Diagram {
  #nodes = new Map();
  #edges = new Map();

  constructor(container, states, text) {
    this.container = container;
    this.states = states;
    this.arrows = Diagram.#arrows(text);
  }

  /** The arrows of the text; those with the same ends become one, with a line for each label. */
  static #arrows(text) {
    const arrows = new Map();
    for (const line of text.split('\n')) {
      const match = /^\s*(\S+) --> (\S+?)(?:: (.*))?$/.exec(line);
      if (match) {
        const [, from, to, label] = match;
        const key = `${from}>${to}`;
        const arrow = arrows.get(key) ?? { from, to, key, labels: [] };
        if (label) {
          arrow.labels.push(label);
        }
        arrows.set(key, arrow);
      }
    }
    return [...arrows.values()];
  }

  async draw() {
    if (typeof globalThis.mermaid === 'undefined') {
      this.#list();
      return;
    }
    const lines = this.arrows.map(({ from, to, labels }) =>
      `${from} --> ${to}${labels.length ? ': ' + labels.map((l) => l.replace(' [', '<br/>[')).join('<br/>') : ''}`);
    const mermaid = globalThis.mermaid;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      theme: 'base',
      fontFamily: getComputedStyle(document.body).fontFamily,
      themeVariables: { fontSize: '14px' },
      state: { nodeSpacing: 28, rankSpacing: 32, titleTopMargin: 0 },
    });
    // Measured in its place, so that it is as large as the page's own style makes it.
    const { svg } = await mermaid.render('lifecycle', ['stateDiagram-v2', ...lines].join('\n'), this.container);
    // Mermaid's own output, made from the table alone and cleaned by it.
    this.container.innerHTML = svg;
    const drawing = this.container.querySelector('svg');
    drawing.setAttribute('aria-hidden', 'true');
    drawing.querySelectorAll('style').forEach((style) => style.remove());
    for (const state of this.states) {
      const id = state.name === START ? 'root_start' : state.name;
      const node = drawing.querySelector(`[id*="state-${CSS.escape(id)}-"]`);
      if (node) {
        node.dataset.state = state.name;
        node.append(Diagram.#title(`${state.name}: ${state.description}`));
        this.#nodes.set(state.name, node);
      }
    }
    this.arrows.forEach((arrow, index) => {
      const named = [...drawing.querySelectorAll(`[data-id="edge${index}"]`)];
      const parts = Diagram.#withLoop(drawing, arrow, named);
      this.#edges.set(arrow.key, parts);
      parts.forEach(Diagram.#splitLabel);
    });
  }

  /** Makes each line of a label an element that knows its event, so that the one that happened can be marked. */
  static #splitLabel(part) {
    let event = '';
    for (const node of [...(part.querySelector('p')?.childNodes ?? [])]) {
      if (node.nodeType === Node.TEXT_NODE) {
        const line = el('span', 'line', node.data);
        event = node.data.startsWith('[') ? event : node.data.trim();
        line.dataset.event = event;
        node.replaceWith(line);
      }
    }
  }

  /** An arrow back to its own state is drawn in pieces that carry the state's name. */
  static #withLoop(drawing, { from, to }, parts) {
    return from === to
      ? [...parts, ...drawing.querySelectorAll(`[data-id^="${CSS.escape(from)}-cyclic-special"]`)]
      : parts;
  }

  static #title(text) {
    const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
    title.textContent = text;
    return title;
  }

  /** Without Mermaid: the same as a list. */
  #list() {
    this.container.classList.add('is-list');
    this.container.removeAttribute('role');
    const list = el('ul', '');
    for (const arrow of this.arrows.filter(({ to }) => to !== '[*]')) {
      const item = el('li', '', `${arrow.from === '[*]' ? START : arrow.from} → ${arrow.to}: ${arrow.labels.join(', ')}`);
      this.#edges.set(arrow.key, [item]);
      list.append(item);
    }
    this.container.replaceChildren(list);
  }

  mark(path, current, running) {
    const events = new Map();
    for (const { from, event, to } of path) {
      const key = `${drawn(from)}>${to}`;
      events.set(key, [...(events.get(key) ?? []), event.toLowerCase().replaceAll('_', ' ')]);
    }
    const taken = new Set(events.keys());
    const visited = new Set(path.flatMap(({ from, to }) => [from, to]));
    if (current) {
      visited.add(current);
      taken.add(`${current}>[*]`);
    }
    for (const [name, node] of this.#nodes) {
      node.classList.toggle('is-path', visited.has(name));
      node.classList.toggle('is-current', name === current);
      node.classList.toggle('is-running', name === current && running);
    }
    for (const [key, parts] of this.#edges) {
      for (const part of parts) {
        part.classList.toggle('is-path', taken.has(key));
        part.querySelectorAll('.line').forEach((line) =>
          line.classList.toggle('is-taken', events.get(key)?.includes(line.dataset.event) ?? false));
        if (taken.has(key) && part.tagName === 'path') {
          // Over the arrows that it crosses.
          part.parentNode.append(part);
        }
      }
    }
    $('lifecycle-card').dataset.end = current ?? '';
    const names = path.length ? [path[0].from, ...path.map(({ to }) => to)] : current ? [current] : [];
    this.container.setAttribute('aria-label', names.length
      ? `The state diagram; the launch went ${names.join(', ')}`
      : 'The state diagram; there was no launch yet');
  }
}

// ------------------------------------------------------------------------------------------------------------------- page

class Page {
  #states = new Map();
  #diagram;
  #view = null;
  #text = '';
  #selected = null;
  #seen = [];
  #timer = 0;
  #polling = false;

  async start() {
    const { diagram, states } = await fetchJson('lifecycle');
    states.forEach((state) => this.#states.set(state.name, state));
    this.#diagram = new Diagram($('diagram'), states, diagram);
    await this.#diagram.draw().catch((fault) => {
      $('diagram').textContent = `The diagram cannot be drawn: ${fault.message}`;
    });
    $('back').addEventListener('click', () => this.#select(null));
    document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(this.#timer) : this.#poll()));
    await this.#poll();
  }

  get #running() {
    const { state } = this.#view ?? {};
    return Boolean(state) && !this.#states.get(state)?.end;
  }

  async #poll() {
    clearTimeout(this.#timer);
    if (this.#polling) {
      return;
    }
    this.#polling = true;
    try {
      const response = await fetch('data', { cache: 'no-store' });
      if (!response.ok) {
        throw new Error(`answer ${response.status}`);
      }
      const text = await response.text();
      const changed = text !== this.#text;
      if (changed) {
        this.#text = text;
        this.#view = JSON.parse(text);
        this.#observe();
      }
      if (changed || this.#running) {
        this.#render();
      }
      this.#connection(this.#running ? 'running' : 'idle', this.#running ? 'Live: a launch is running' : 'Live');
    } catch {
      this.#connection('lost', 'Not live: the program does not answer');
    } finally {
      this.#polling = false;
    }
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.#poll(), this.#running ? POLL_RUNNING : POLL_IDLE);
    }
  }

  /** While a launch runs its times are not told yet: the page notes when it first saw each state. */
  #observe() {
    const { state, path } = this.#view;
    const names = state ? [path[0]?.from ?? state, ...path.map(({ to }) => to)] : [];
    if (names.length < this.#seen.length || this.#seen.some((seen, i) => seen.state !== names[i])) {
      this.#seen = [];
    }
    const now = Date.now();
    for (let i = this.#seen.length; i < names.length; i++) {
      this.#seen.push({ state: names[i], at: now });
    }
  }

  #connection(kind, text) {
    $('connection').dataset.kind = kind;
    if ($('connection-text').textContent !== text) {
      $('connection-text').textContent = text;
    }
  }

  #select(launch) {
    this.#selected = launch;
    this.#render();
    if (launch) {
      $('status').focus({ preventScroll: true });
      $('status').scrollIntoView({ block: 'start' });
    }
  }

  #render() {
    const { subject, state, path, last, history } = this.#view;
    $('subject').textContent = subject;
    const selected = this.#selected && history.find((launch) => key(launch) === key(this.#selected));
    this.#selected = selected ?? null;
    const shown = selected ?? (this.#running ? null : last ?? (state ? null : history[0] ?? null));
    $('back').hidden = !selected;
    $('status-heading').textContent = selected ? 'An earlier launch' : this.#running ? 'The running launch' : 'The last launch';
    if (shown) {
      this.#renderEnded(shown);
    } else {
      this.#renderRunning(state, path);
    }
    this.#renderHistory(history, shown);
  }

  #renderEnded(launch) {
    const end = launch.timeline.at(-1)?.state ?? launch.outcome.toUpperCase();
    this.#state(launch.outcome, launch.outcome.toUpperCase(), ENDS[end] ?? this.#states.get(end)?.description ?? '');
    text('summary', launch.summary);
    text('update', launch.update?.detail ?? '');
    text('advice', launch.advice);
    this.#renderHolder(launch.holder);
    this.#diagram.mark(launch.path, end, false);
    this.#renderTimeline(launch.timeline.map(({ state, enteredAt, dwellMillis }) =>
      ({ state, enteredAt, dwell: dwellMillis, told: true })), false);
    this.#renderSignals(launch);
    this.#renderPredicates(launch.predicates, launch.verdict, true);
  }

  #renderRunning(state, path) {
    const known = this.#states.get(state);
    this.#state(state ? 'running' : 'idle', state ?? 'IDLE', known?.description ?? 'Waiting for the first launch');
    text('summary', state ? 'What it finds and does is told when it has ended.' : '');
    text('update', '');
    text('advice', '');
    this.#renderHolder(null);
    this.#diagram.mark(path, state, true);
    const now = Date.now();
    this.#renderTimeline(this.#seen.map(({ state: name, at }, i) =>
      ({ state: name, enteredAt: at, dwell: (this.#seen[i + 1]?.at ?? now) - at, told: false })), true);
    this.#renderSignals(null);
    this.#renderPredicates([], null, false);
  }

  #state(kind, name, description) {
    // Only a change is announced.
    if ($('state-badge').textContent !== name) {
      $('state-badge').textContent = name;
    }
    $('state-badge').dataset.kind = kind;
    if ($('state-text').textContent !== description) {
      $('state-text').textContent = description;
    }
  }

  #renderHolder(holder) {
    $('holder').hidden = !holder;
    if (!holder) {
      return;
    }
    const facts = [
      ['Holder', `process ${holder.pid} on ${holder.host}`],
      ['State', holder.state],
      ['Executable', holder.executable],
      ['User', holder.user],
      ['Lineage', holder.lineage],
      ['Lock since', holder.since && dayAndTime.format(new Date(holder.since))],
    ];
    $('holder').replaceChildren(...facts.filter(([, value]) => value)
      .map(([name, value]) => el('div', '', el('dt', '', name), el('dd', '', value))));
  }

  #renderTimeline(visits, running) {
    const total = visits.reduce((sum, { dwell }) => sum + dwell, 0);
    let before = 0;
    const rows = visits.map((visit, i) => {
      const current = i === visits.length - 1;
      const bar = el('span', 'bar');
      bar.style.setProperty('--start', total ? before / total : 0);
      bar.style.setProperty('--share', total ? visit.dwell / total : 0);
      before += visit.dwell;
      const end = this.#states.get(visit.state)?.end;
      const row = el('tr', current ? 'is-current' : '',
        el('th', '', visit.state),
        el('td', 'when', time(visit.enteredAt, clockTime)),
        el('td', 'grow', el('span', 'track', bar)),
        el('td', 'number', end ? 'end' : visit.told ? duration(visit.dwell) : Page.#estimate(visit.dwell)));
      row.firstChild.scope = 'row';
      row.dataset.state = visit.state;
      return row;
    });
    $('timeline').replaceChildren(...rows);
    $('timeline').closest('table').hidden = visits.length === 0;
    text('total', !visits.length ? 'nothing yet'
      : running ? `${(total / 1000).toFixed(1)} s so far, as seen by this page` : `${duration(total)} in all`);
  }

  static #estimate(millis) {
    return millis < POLL_RUNNING ? `< ${duration(POLL_RUNNING)}` : `≈ ${(millis / 1000).toFixed(1)} s`;
  }

  #renderSignals(launch) {
    const signals = launch?.signals ?? [];
    $('signals-count').textContent = launch ? (signals.length ? `${signals.length} sent` : 'none sent') : 'told at the end';
    const items = signals.map(({ signal, pid, result, detail }) => el('li', '',
      el('code', '', `SIG${signal}`), ` to process ${pid}: `, el('strong', '', result), detail ? ` (${detail})` : ''));
    for (const pid of launch?.survivors ?? []) {
      items.push(el('li', 'is-warning', `Helper process ${pid} was still alive at the end`));
    }
    for (const fault of launch?.faults ?? []) {
      items.push(el('li', 'is-warning', el('strong', '', 'Fault: '), fault));
    }
    $('signals').replaceChildren(...items);
    $('signals').hidden = items.length === 0;
  }

  #renderPredicates(predicates, verdict, ended) {
    const counts = Object.keys(RESULTS)
      .map((result) => [predicates.filter((predicate) => predicate.result === result).length, result])
      .filter(([count]) => count > 0)
      .map(([count, result]) => `${count} ${count === 1 ? RESULTS[result].text : RESULTS[result].several}`);
    $('predicates-count').textContent = counts.length ? counts.join(', ') : ended ? 'nobody to judge' : 'told at the end';
    $('predicates').hidden = predicates.length === 0;
    $('predicates').replaceChildren(...predicates.map(({ name, result, detail }) => {
      const { icon, text: word } = RESULTS[result] ?? RESULTS.unknown;
      const mark = el('span', 'mark', icon);
      mark.setAttribute('aria-hidden', 'true');
      const item = el('li', name === verdict?.reason ? 'is-reason' : '',
        mark,
        el('span', 'what', el('code', '', name), el('span', 'detail', detail)),
        el('span', 'result', word));
      item.dataset.result = Object.hasOwn(RESULTS, result) ? result : 'unknown';
      if (name === verdict?.reason) {
        item.querySelector('.what').append(el('span', 'reason', 'the reason why it was spared'));
      }
      return item;
    }));
  }

  #renderHistory(history, shown) {
    $('history-count').textContent = history.length === 0 ? 'none yet'
      : history.length === 1 ? 'one' : `${history.length}, newest first`;
    const focused = document.activeElement?.closest?.('#history')
      ? [...$('history').querySelectorAll('button')].indexOf(document.activeElement) : -1;
    const wanted = history.map(key).join('\n');
    if ($('history').dataset.keys !== wanted) {
      $('history').dataset.keys = wanted;
      $('history').replaceChildren(...history.map((launch) => {
        const badge = el('span', 'badge', launch.outcome.toUpperCase());
        badge.dataset.kind = launch.outcome;
        const when = launch.timeline[0] ? time(launch.timeline[0].enteredAt, dayAndTime) : '';
        const button = el('button', '', badge, el('span', 'when', when), el('span', 'what', launch.summary));
        button.type = 'button';
        button.addEventListener('click', () => this.#select(launch));
        return el('li', '', button);
      }));
      // The list was made anew, perhaps with one more before it.
      if (focused >= 0) {
        $('history').querySelectorAll('button')[focused]?.focus();
      }
    }
    const current = shown ? key(shown) : '';
    $('history').querySelectorAll('button').forEach((button, i) => {
      if (key(history[i]) === current) {
        button.setAttribute('aria-current', 'true');
      } else {
        button.removeAttribute('aria-current');
      }
    });
  }
}

function text(id, value) {
  $(id).textContent = value ?? '';
  $(id).hidden = !value;
}

/** Tells one launch from another: two do not begin in the same instant on one profile. */
function key(launch) {
  return `${launch.timeline[0]?.enteredAt} ${launch.outcome} ${launch.summary}`;
}

async function fetchJson(path) {
  const response = await fetch(path, { cache: 'no-store' });
  if (!response.ok) {
    throw new Error(`${path}: answer ${response.status}`);
  }
  return response.json();
}

new Page().start().catch((fault) => {
  $('connection').dataset.kind = 'lost';
  $('connection-text').textContent = `The page cannot start: ${fault.message}`;
});
