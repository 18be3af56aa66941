import { Controller } from "@hotwired/stimulus"

/** Prints the page. */
export default class extends Controller {
  now(): void { window.print() }
}
