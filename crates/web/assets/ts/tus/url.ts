// Takes the place of a URL parser written for browsers without one: the upload client only resolves a Location header.
export default class ResolvedUrl {
  readonly #url: URL;
  constructor(address: string, base: string) {
    // The endpoint is a path of this site, so the base is relative, too.
    this.#url = new URL(address, new URL(base, document.baseURI));
  }
  toString(): string {
    return this.#url.href;
  }
}
