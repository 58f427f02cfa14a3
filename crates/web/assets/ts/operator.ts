// Passkeys on pages of operators: asks the authenticator what the server wants to know. Owns the translation between JSON and buffers; decides
// nothing, and every word it shows stands in the page.

export {};

type Json = Record<string, unknown>;
type Named = { id: string; type: PublicKeyCredentialType };

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const named = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list ?? []) as Named[]).map((it) => ({ type: it.type, id: bytes(it.id) }));

/** A refusal in the server's own words, or none. */
class Refused extends Error {}

async function post(address: string, body?: Json): Promise<Json> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(address, { method: "POST", headers, body: body ? JSON.stringify(body) : null });
  const told = (await answer.json().catch(() => ({}))) as Json;
  if (!answer.ok) throw new Refused(typeof told["detail"] === "string" ? told["detail"] : "");
  return told;
}

async function create(options: Json): Promise<Json> {
  const user = options["user"] as Json;
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"] as string),
    user: { ...user, id: bytes(user["id"] as string) },
    excludeCredentials: named(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports: response.getTransports() },
    clientExtensionResults: {},
  };
}

async function get(options: Json): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"] as string),
    allowCredentials: named(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
    clientExtensionResults: {},
  };
}

const words = document.querySelector<HTMLElement>("[data-passkey-words]");
const line = document.getElementById("passkey-said");

function say(sentence: string): void {
  if (line) line.textContent = sentence;
}

/** Asks, answers, and gives where to go on; nothing when it was refused, after saying so. */
async function ceremony(kind: string, address: string): Promise<string | undefined> {
  say(words?.dataset["waiting"] ?? "");
  try {
    const options = await post(address);
    const answer = await (kind === "create" ? create(options) : get(options));
    const told = await post(`${address}/passkey`, answer);
    say("");
    return told["next"] as string;
  } catch (error) {
    say((error instanceof Refused && error.message) || (words?.dataset["cancelled"] ?? ""));
    return undefined;
  }
}

const able = typeof PublicKeyCredential === "function" && window.isSecureContext;
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
  button.hidden = !able;
  button.addEventListener("click", () => {
    button.disabled = true;
    void ceremony(button.dataset["passkey"] ?? "", button.dataset["at"] ?? "").then((next) => {
      button.disabled = false;
      if (next) location.assign(button.dataset["next"] ?? next);
    });
  });
}
if (!able) say(words?.dataset["unable"] ?? "");

// form[data-fresh-until]: what changes something is asked about first when the last look was too long ago. What was typed stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset["freshUntil"] || !able) return;
  if (Date.now() < Number(form.dataset["freshUntil"]) - 15_000) return;
  event.preventDefault();
  void ceremony("get", "/operator/confirm").then((next) => {
    if (!next) return;
    form.removeAttribute("data-fresh-until");
    form.requestSubmit();
  });
});
