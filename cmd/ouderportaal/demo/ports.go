package demo

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// portsTried is how far from the wanted port another one is looked for.
const portsTried = 50

// listenFrom listens on the first free port from the wanted one on, on the loopback address.
func listenFrom(wanted int) (net.Listener, error) {
	for port := wanted; port < wanted+portsTried; port++ {
		if !answersNowhere(port) {
			continue
		}
		if listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return listener, nil
		}
	}
	return nil, fmt.Errorf("demo: no port is free from %d to %d", wanted, wanted+portsTried-1)
}

// freePort is the first free port from the wanted one on; 0 is any.
func freePort(wanted int) (int, error) {
	listener, err := listenFrom(wanted)
	if wanted == 0 {
		listener, err = net.Listen("tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// answersNowhere also looks at IPv6: browsers try ::1 first for names under localhost, and would meet somebody else there.
func answersNowhere(port int) bool {
	listener, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port)))
	if err != nil {
		return !errors.Is(err, syscall.EADDRINUSE)
	}
	_ = listener.Close()
	return true
}
