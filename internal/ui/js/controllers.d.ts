// The build lists the controllers that it finds: see build.mjs.
declare module "controllers:app" {
  const controllers: Record<string, import("@hotwired/stimulus").ControllerConstructor>
  export default controllers
}
declare module "controllers:staff" {
  const controllers: Record<string, import("@hotwired/stimulus").ControllerConstructor>
  export default controllers
}
declare module "controllers:console" {
  const controllers: Record<string, import("@hotwired/stimulus").ControllerConstructor>
  export default controllers
}
declare module "trix/dist/trix.esm.js" {
  const Trix: { config: { blockAttributes: Record<string, Record<string, unknown>>; attachments: Record<string, Record<string, unknown>>; lang: Record<string, string> } }
  export default Trix
}
