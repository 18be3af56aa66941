import { Application, type ControllerConstructor } from "@hotwired/stimulus"

const application = Application.start()

/** Registers controllers under the names that their files have. */
export function register(controllers: Record<string, ControllerConstructor>): void {
  for (const [name, controller] of Object.entries(controllers)) application.register(name, controller)
}
