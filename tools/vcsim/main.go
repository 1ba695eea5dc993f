// Package main starts a simulated vCenter for one site: hosts, networks, LUNs, datastores and templates as an inventory
// file describes them. It extends govmomi's simulator where that falls short of what a mail platform's storage needs:
// LUNs on fabrics, VMFS on them, and a capacity that is enforced.
//
// It deliberately does not run guests, move data, or keep anything after it ends.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run())
}

func run() int {
	inventory := flag.String("inventory", "", "YAML `file` that describes the site")
	address := flag.String("l", "127.0.0.1:0", "listen `address`; port 0 takes a free one")
	flag.Parse()
	if *inventory == "" || flag.NArg() != 0 {
		flag.Usage()
		return 2
	}
	site, err := LoadSite(*inventory)
	if err != nil {
		return fail(err)
	}
	log.SetOutput(endOnPanic{})
	// Caught from here on, so that the folders of a half-built site are removed too.
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	vcenter, err := Start(site, *address, credentials())
	if err != nil {
		return fail(err)
	}
	defer vcenter.Close()
	fmt.Println(vcenter.URL)
	<-ended
	return 0
}

// endOnPanic is a log that ends the process when a call has panicked: the simulator would keep the object of that call
// locked, and all later callers would wait for ever.
type endOnPanic struct{}

func (endOnPanic) Write(line []byte) (int, error) {
	n, err := os.Stderr.Write(line)
	if bytes.Contains(line, []byte("http: panic serving")) {
		os.Exit(3)
	}
	return n, err
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	var refused Problems
	if errors.As(err, &refused) {
		return 1
	}
	return 3
}

// credentials are the only ones that the simulated vCenter accepts.
func credentials() *url.Userinfo {
	value := func(name, otherwise string) string {
		if given, ok := os.LookupEnv(name); ok && given != "" {
			return given
		}
		return otherwise
	}
	return url.UserPassword(value("VCSIM_USER", "user"), value("VCSIM_PASSWORD", "pass"))
}
