// What the console adds: lists that are walked through with the keyboard, and the panel beside them.
import controllers from "controllers:console"
import { register } from "./application"

register(controllers)
