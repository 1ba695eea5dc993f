package main

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/vmware/govmomi/pbm/simulator" // storage policies, which the provider asks every VM for
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator" // tags, content library
	"github.com/vmware/govmomi/vim25/types"
)

// VCenter is a simulated vCenter that serves the API of one site.
type VCenter struct {
	URL    *url.URL // without credentials
	site   *Site
	model  *simulator.Model
	server *simulator.Server
	home   string // folder that holds the files of all datastores
	array  *array

	collectors collectors
	access     *access
}

// Start builds the site and serves it on the address, for the given credentials only.
func Start(site *Site, address string, login *url.Userinfo) (*VCenter, error) {
	home, err := os.MkdirTemp("", "vcsim-datastores-")
	if err != nil {
		return nil, err
	}
	v := &VCenter{site: site, model: simulator.VPX(), home: home, access: newAccess()}
	v.collectors.access = v.access
	m := v.model
	m.Datacenter, m.Portgroup, m.Host, m.Cluster, m.ClusterHost, m.Datastore, m.Machine = 0, 0, 0, 0, 0, 0, 0
	if err := m.Create(); err != nil {
		v.Close()
		return nil, err
	}
	m.Service.RegisterEndpoints = true
	m.Service.TLS = &tls.Config{}
	m.Service.Listen = &url.URL{Host: address, User: login}
	if err := v.build(); err != nil {
		v.Close()
		return nil, fmt.Errorf("cannot build the site: %w", err)
	}
	if err := v.serve(); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

// serve opens the port. The simulator panics when it cannot listen; that becomes an error here.
func (v *VCenter) serve() (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("cannot listen: %v", cause)
		}
	}()
	v.server = v.model.Service.NewServer()
	plainTypes(v.model.Service.ServeMux)
	v.array.world.clock(v.model.Service.Listen.User)
	v.access.endpoints(v.model.Service.ServeMux, v.model.Service.Listen.User)
	served := *v.server.URL
	served.User = nil
	v.URL = &served
	return nil
}

// Close stops serving, also those who still wait for updates, and removes the files.
func (v *VCenter) Close() {
	if v.server != nil {
		_ = v.server.Config.Close()
	}
	v.model.Remove()
	_ = os.RemoveAll(v.home)
}

// registry is where the simulator keeps the site's objects.
func (v *VCenter) registry() *simulator.Registry { return v.model.Map() }

// folderOf is a new folder on this machine for a datastore's files.
func (v *VCenter) folderOf(datastore string) (string, error) {
	return os.MkdirTemp(v.home, filepath.Base(datastore)+"-")
}

// validGuest tells whether vSphere knows the guest operating system.
func validGuest(id string) bool {
	for _, known := range types.VirtualMachineGuestOsIdentifier("").Values() {
		if string(known) == id {
			return true
		}
	}
	return false
}
