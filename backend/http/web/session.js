// Who is signed in. Tokens are kept in memory only: closing the page forgets them.

const RENEW_AT = 0.8; // of an access token's life

export class Problem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// Asks the server; returns its answer, or throws a Problem whose message is for people.
async function ask(path, { method = "GET", body, token, signal } = {}) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": "application/json" }) };
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "The server cannot be reached. Check the connection and try again.");
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) {
    throw new Problem(response.status, answer?.code ?? "failed", answer?.message ?? `The server answered ${response.status}.`);
  }
  return answer;
}

function subject(token) {
  try {
    const payload = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return String(JSON.parse(new TextDecoder().decode(bytes)).sub ?? "");
  } catch {
    return "";
  }
}

export class Session extends EventTarget {
  #access = "";
  #refresh = "";
  #timer = 0;
  #renewing = null;
  #generation = 0; // one more with each sign-out: what was asked for before it counts no longer

  get token() {
    return this.#access;
  }

  get user() {
    return subject(this.#access);
  }

  async signIn(username, password) {
    try {
      this.#keep(await ask("/auth/login", { method: "POST", body: { username, password } }));
    } catch (error) {
      if (error.status === 404) throw new Problem(404, error.code, "This server has no passwords. Use an access token.");
      if (error.status === 401) throw new Problem(401, error.code, "Name or password is wrong.");
      throw error;
    }
  }

  async useToken(token) {
    await ask("/recordings?limit=1", { token }).catch((error) => {
      throw error.status === 401 ? new Problem(401, error.code, "This token is not valid here, or no longer.") : error;
    });
    this.#keep({ accessToken: token, refreshToken: "" });
  }

  signOut() {
    const refreshToken = this.#refresh;
    this.#forget();
    // The server forgets it as well; that it cannot be reached changes nothing here.
    if (refreshToken) ask("/auth/logout", { method: "POST", body: { refreshToken } }).catch(() => {});
  }

  // An authorized request, with one more try after a renewed sign-in.
  async request(path, options = {}) {
    const token = this.#access;
    const generation = this.#generation;
    try {
      return await ask(path, { ...options, token });
    } catch (error) {
      if (error.status !== 401 || generation !== this.#generation) throw error;
    }
    if (token === this.#access) await this.renew();
    return ask(path, { ...options, token: this.#access });
  }

  // Gets fresh tokens; everybody who asks meanwhile waits for the same answer.
  renew() {
    if (this.#renewing) return this.#renewing;
    const renewing = this.#renew().finally(() => {
      if (renewing === this.#renewing) this.#renewing = null;
    });
    this.#renewing = renewing;
    return renewing;
  }

  async #renew() {
    const generation = this.#generation;
    try {
      if (!this.#refresh) throw new Problem(401, "unauthenticated", "Your sign-in has run out. Sign in again.");
      const tokens = await ask("/auth/refresh", { method: "POST", body: { refreshToken: this.#refresh } });
      if (generation !== this.#generation) throw new Problem(401, "unauthenticated", "You have signed out.");
      this.#keep(tokens);
    } catch (error) {
      if (generation === this.#generation && (error.status === 401 || error.status === 404)) {
        this.#forget("Your sign-in has run out. Sign in again.");
      }
      throw error;
    }
  }

  #keep({ accessToken, refreshToken, expiresIn }) {
    this.#access = accessToken;
    this.#refresh = refreshToken ?? "";
    clearTimeout(this.#timer);
    if (this.#refresh && expiresIn) {
      this.#timer = setTimeout(() => this.renew().catch(() => {}), expiresIn * 1000 * RENEW_AT);
    }
    this.dispatchEvent(new Event("token"));
  }

  #forget(reason = "") {
    clearTimeout(this.#timer);
    this.#generation += 1;
    this.#renewing = null;
    this.#access = this.#refresh = "";
    this.dispatchEvent(new CustomEvent("over", { detail: reason }));
  }
}
