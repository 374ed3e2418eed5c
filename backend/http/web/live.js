// The WebSocket of live progress: stays connected, says how it is doing, and hands every message on.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const SIGN_IN_NEEDED = 4401;

export class LiveLine extends EventTarget {
  #session;
  #socket = null;
  #pause = FIRST_PAUSE_MS;
  #timer = 0;
  #isWanted = false;

  constructor(session) {
    super();
    this.#session = session;
    session.addEventListener("token", () => this.#sendToken());
    window.addEventListener("online", () => this.#hurry());
  }

  open() {
    this.#isWanted = true;
    this.#pause = FIRST_PAUSE_MS;
    this.#connect();
  }

  close() {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  #connect() {
    clearTimeout(this.#timer);
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/progress`;
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#sendToken());
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#take(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#lost(event.code);
    });
  }

  #take(message) {
    if (message.type === "snapshot") {
      this.#pause = FIRST_PAUSE_MS;
      this.#tell("connected");
    }
    this.#tell("message", message);
  }

  async #lost(code) {
    this.#socket = null;
    if (!this.#isWanted) return;
    this.#tell("lost");
    if (code === SIGN_IN_NEEDED) {
      await this.#session.renew().catch(() => {});
      if (!this.#isWanted) return;
    }
    this.#timer = setTimeout(() => this.#connect(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
  }

  #hurry() {
    if (this.#isWanted && this.#socket === null) this.#connect();
  }

  #sendToken() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: "auth", token: this.#session.token }));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
