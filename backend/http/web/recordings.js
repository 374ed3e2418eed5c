// The library: stored recordings, newest first, searched by name, a page at a time.

import { element, ghosts, icon, iconButton, say } from "/web/elements.js";
import * as words from "/web/words.js";

const PAGE = 50;
const TYPING_PAUSE_MS = 250;

export class RecordingsView {
  #session;
  #parts;
  #onPlay;
  #rows = new Map(); // by file id
  #query = "";
  #cursor = null;
  #asking = null;
  #typing = 0;

  // parts: the list, and its search field, empty and problem sentences and button for more.
  constructor(session, parts, onPlay) {
    this.#session = session;
    this.#parts = parts;
    this.#onPlay = onPlay;
    parts.more.addEventListener("click", () => this.#load());
    parts.search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.reload(), TYPING_PAUSE_MS);
    });
  }

  clear() {
    clearTimeout(this.#typing);
    this.#asking?.abort();
    this.#parts.search.value = "";
    this.#rows.clear();
    this.#parts.list.replaceChildren();
  }

  async reload() {
    this.#query = this.#parts.search.value.trim();
    this.#cursor = null;
    if (!this.#rows.size) ghosts(this.#parts.list, 3);
    await this.#load({ isFirst: true });
  }

  // One was stored, or more is known of one. What belongs further down than is shown comes with its page.
  put(item) {
    if (!item.fileName.toLowerCase().includes(this.#query.toLowerCase())) return;
    const present = this.#rows.get(item.fileId);
    const older = [...this.#parts.list.children].find((row) => row.dataset.createdAt <= item.createdAt);
    if (!present && !older && this.#cursor) return;
    const row = this.#row(item);
    if (present) present.replaceWith(row);
    else this.#parts.list.insertBefore(row, older ?? null);
    this.#rows.set(item.fileId, row);
    this.#tellEmpty();
  }

  remove(fileId) {
    this.#rows.get(fileId)?.remove();
    if (this.#rows.delete(fileId)) this.#tellEmpty();
  }

  async #load({ isFirst = false } = {}) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const { list, more, problem } = this.#parts;
    more.disabled = true;
    say(problem, null);
    const wanted = new URLSearchParams({ limit: PAGE });
    if (this.#query) wanted.set("query", this.#query);
    if (this.#cursor) wanted.set("cursor", this.#cursor);
    try {
      const page = await this.#session.request(`/recordings?${wanted}`, { signal: asking.signal });
      if (isFirst) {
        this.#rows.clear();
        list.replaceChildren();
      }
      for (const item of page.items) this.#append(item);
      this.#cursor = page.nextCursor;
      more.hidden = !this.#cursor;
      this.#tellEmpty();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!this.#rows.size) list.replaceChildren();
      if (error.status !== 401) say(problem, error.message);
    } finally {
      if (asking === this.#asking) {
        list.setAttribute("aria-busy", "false");
        more.disabled = false;
      }
    }
  }

  #append(item) {
    if (this.#rows.has(item.fileId)) return;
    const row = this.#row(item);
    this.#rows.set(item.fileId, row);
    this.#parts.list.append(row);
  }

  #tellEmpty() {
    const nothing = this.#query ? "No recording's name holds these words." : "No recordings yet. They appear here once they are stored and verified.";
    say(this.#parts.empty, this.#rows.size ? null : nothing);
  }

  #row(item) {
    const kind = words.kind(item.contentType);
    const length = item.durationSeconds === null ? [] : [words.span(item.durationSeconds)];
    const doubt = words.doubt(item);
    const facts = [...length, words.size(item.size), words.day(item.createdAt), doubt].filter(Boolean).join(" · ");
    const actions = element("span", { className: "actions" });
    if (kind !== "file" && !doubt) actions.append(iconButton("play", `Play ${item.fileName}`, () => this.#onPlay(item)));
    actions.append(iconButton("save", `Download ${item.fileName}`, () => this.#download(item)));
    const name = element("div", { className: "name", text: item.fileName, attributes: { title: item.fileName } });
    const text = element("div", { className: "text" }, name, element("div", { className: "facts", text: facts }));
    const badge = element("span", { className: "badge" }, icon(kind));
    return element("li", { className: "row", attributes: { "data-created-at": item.createdAt } }, badge, text, actions);
  }

  async #download(item) {
    say(this.#parts.problem, null);
    try {
      const link = await this.#session.request(`/recordings/${encodeURIComponent(item.fileId)}/url`);
      // Sent as an attachment: the browser keeps it, and this page stays.
      element("a", { attributes: { href: link.url, rel: "noreferrer", download: "" } }).click();
    } catch (error) {
      say(this.#parts.problem, error.message);
    }
  }
}
