// Takes the place of a URL parser written for browsers without one: the upload client only resolves a Location header.
export default class ResolvedUrl {
  readonly #url: URL;
  constructor(address: string, base: string) {
    this.#url = new URL(address, base);
  }
  toString(): string {
    return this.#url.href;
  }
}
