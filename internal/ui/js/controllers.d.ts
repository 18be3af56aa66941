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
