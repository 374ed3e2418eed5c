// Plays one recording, straight from the store.

import { element, say } from "/web/elements.js";
import * as words from "/web/words.js";

const WORN_OUT_MS = 60_000; // an address that fails after so long may only have run out

export class Player {
  #session;
  #parts;
  #item = null;
  #media = null;
  #startedAt = 0;

  // parts: dialog, title, stage, problem, close.
  constructor(session, parts) {
    this.#session = session;
    this.#parts = parts;
    parts.close.addEventListener("click", () => parts.dialog.close());
    parts.dialog.addEventListener("close", () => this.#stop());
  }

  async play(item) {
    const { dialog, title, stage, problem } = this.#parts;
    this.#stop();
    this.#item = item;
    title.textContent = item.fileName;
    say(problem, null);
    const kind = words.kind(item.contentType);
    stage.className = kind === "audio" ? "stage sound" : "stage";
    if (!dialog.open) dialog.showModal();
    const media = element(kind === "audio" ? "audio" : "video", {
      attributes: { controls: "", preload: "metadata", playsinline: "", "aria-label": item.fileName },
    });
    this.#media = media;
    stage.replaceChildren(media);
    media.addEventListener("error", () => this.#failed(media));
    await this.#load(media, 0);
  }

  stop() {
    if (this.#parts.dialog.open) this.#parts.dialog.close();
    this.#parts.title.textContent = "";
  }

  async #load(media, from) {
    try {
      const path = `/recordings/${encodeURIComponent(this.#item.fileId)}/url?disposition=inline`;
      const link = await this.#session.request(path);
      if (media !== this.#media) return;
      this.#startedAt = performance.now();
      media.src = link.url;
      media.currentTime = from;
      // A browser may want a press of its own button first.
      await media.play().catch(() => {});
    } catch (error) {
      this.#tell(media, error.message);
    }
  }

  #failed(media) {
    if (media !== this.#media) return;
    if (performance.now() - this.#startedAt > WORN_OUT_MS) {
      this.#load(media, media.currentTime);
      return;
    }
    this.#tell(media, "This browser cannot play the recording. Download it to play it elsewhere.");
  }

  #tell(media, sentence) {
    if (media !== this.#media) return;
    this.#stop();
    say(this.#parts.problem, sentence);
  }

  #stop() {
    // Without its address it also stops loading.
    this.#media?.removeAttribute("src");
    this.#media?.load();
    this.#media = null;
    this.#parts.stage.replaceChildren();
  }
}
