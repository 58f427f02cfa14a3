// Takes the place of a Base64 library: the upload client only encodes short metadata values (as UTF-8).
export const Base64 = {
  encode: (text: string): string => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("")),
};
