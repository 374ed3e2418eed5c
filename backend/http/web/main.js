// Puts the page together: sign-in on one side, uploads, recordings and player on the other.

import { byId, say } from "/web/elements.js";
import { LiveLine } from "/web/live.js";
import { Player } from "/web/player.js";
import { RecordingsView } from "/web/recordings.js";
import { Session } from "/web/session.js";
import { UploadsView } from "/web/uploads.js";

const session = new Session();
const line = new LiveLine(session);
const uploads = new UploadsView(byId("uploads"), byId("uploads-empty"), byId("uploads-count"));
const player = new Player(session, {
  dialog: byId("player"), title: byId("player-title"), stage: byId("stage"),
  problem: byId("player-problem"), close: byId("player-close"),
});
const recordings = new RecordingsView(
  session,
  { list: byId("recordings"), search: byId("search"), empty: byId("recordings-empty"), problem: byId("recordings-problem"), more: byId("more") },
  (item) => player.play(item),
);
let isHome = false;

function goHome() {
  isHome = true;
  byId("sign-in").hidden = true;
  byId("home").hidden = false;
  byId("sign-out").hidden = false;
  say(byId("who"), session.user);
  for (const form of document.forms) form.reset();
  showLine("Connecting", false);
  uploads.loading();
  recordings.reload();
  line.open();
}

function goToSignIn(reason) {
  isHome = false;
  line.close();
  player.stop();
  uploads.clear();
  recordings.clear();
  byId("home").hidden = true;
  byId("sign-out").hidden = true;
  byId("sign-in").hidden = false;
  for (const id of ["who", "line", "notice"]) say(byId(id), null);
  say(byId("sign-in-problem"), reason);
  byId("username").focus();
}

function showLine(sentence, isLive) {
  say(byId("line"), sentence);
  byId("line").classList.toggle("live", isLive);
}

// Runs a form's sign-in with its button held, and says what went wrong.
function onSubmit(form, signIn) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say(byId("sign-in-problem"), null);
    try {
      await signIn(new FormData(form));
      goHome();
    } catch (error) {
      say(byId("sign-in-problem"), error.message);
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit(byId("password-form"), (data) => session.signIn(data.get("username"), data.get("password")));
onSubmit(byId("token-form"), (data) => session.useToken(data.get("token").trim()));
byId("sign-out").addEventListener("click", () => session.signOut());
session.addEventListener("over", (event) => goToSignIn(event.detail));

line.addEventListener("connected", () => {
  showLine("Live", true);
  say(byId("notice"), null);
  // What was stored or checked while nobody told, before the first time too, is only in the list.
  recordings.reload();
});
line.addEventListener("lost", () => {
  if (!isHome) return;
  showLine("Reconnecting", false);
  say(byId("notice"), "No connection to the server. What you see may be out of date; it goes on by itself.");
});
line.addEventListener("message", ({ detail: message }) => {
  if (message.type === "snapshot") uploads.replaceAll(message.uploads);
  else if (message.type === "upload") uploads.change(message.upload);
  else if (message.type === "recording") recordings.put(message);
  else if (message.type === "removed") recordings.remove(message.fileId);
});

goToSignIn(null);
