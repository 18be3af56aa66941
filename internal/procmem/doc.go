// Package procmem has the memory that a start is going to use given to the program in one go, and gives back what only the
// start needed. A program that imports it starts sooner.
//
// The kernel hands out memory at the first touch of each page, by a trap. On a virtual machine a trap can cost 20 µs, and the
// packages of this program touch a thousand pages of the heap and half a thousand places of its own file before main begins.
package procmem
