package main

import "strings"

// Fabric is the kind of storage network that reaches a LUN.
type Fabric string

// The fabrics that an array may use, and the pseudo-fabric of a host's own disks.
const (
	ISCSI Fabric = "iscsi"
	FC    Fabric = "fc"
	Local Fabric = "local"
)

// Site is what an inventory file says.
type Site struct {
	Datacenter string      `yaml:"datacenter"`
	Clusters   []Cluster   `yaml:"clusters"`
	Networks   []string    `yaml:"networks"`
	LUNs       []LUN       `yaml:"luns"`
	Datastores []Datastore `yaml:"datastores"`
	Templates  []Template  `yaml:"templates"`
	ISOs       []ISO       `yaml:"isos"`
	Physics    *Physics    `yaml:"physics"` // nil: time stands still
}

// Cluster is a DRS cluster with its hosts.
type Cluster struct {
	Name  string `yaml:"name"`
	Hosts []Host `yaml:"hosts"`
}

// Host is an ESXi host; CPUs are physical cores.
type Host struct {
	Name      string    `yaml:"name"`
	CPUs      int       `yaml:"cpus"`
	MemoryGiB int       `yaml:"memory_gib"`
	Version   string    `yaml:"version"` // of ESXi; empty: the simulator's own
	Adapters  []Adapter `yaml:"adapters"`
}

// Adapter is a host bus adapter; Paths is how many paths it has to each LUN of its fabric.
type Adapter struct {
	Device string `yaml:"device"`
	Fabric Fabric `yaml:"fabric"`
	Paths  int    `yaml:"paths"`
}

// LUN is what the array presents. A host sees it when one of its adapters is on the LUN's fabric.
type LUN struct {
	NAA     string `yaml:"naa"`
	SizeGiB int    `yaml:"size_gib"`
	Fabric  Fabric `yaml:"fabric"`
	// Partition is the kind of a partition that another system has left there, such as linuxNative.
	Partition string `yaml:"partition"`
}

// Datastore is a VMFS that exists from the start: on a LUN, or (Local) on a disk of its own of SizeGiB, which every
// host sees so that templates can be cloned anywhere.
type Datastore struct {
	Name    string `yaml:"name"`
	LUN     string `yaml:"lun"`
	Local   bool   `yaml:"local"`
	SizeGiB int    `yaml:"size_gib"`
	VMFS    string `yaml:"vmfs"` // its version; empty: 6.82
}

// Template is a virtual machine marked as a template, with one network card in the first network.
type Template struct {
	Name      string `yaml:"name"`
	Datastore string `yaml:"datastore"`
	DisksGiB  []int  `yaml:"disks_gib"`
	GuestID   string `yaml:"guest_id"`
}

// ISO is an empty file at a path of a datastore.
type ISO struct {
	Datastore string `yaml:"datastore"`
	Path      string `yaml:"path"`
}

// device is the LUN or local disk that holds the datastore.
func (d Datastore) device(luns []LUN) (LUN, bool) {
	if d.Local {
		return LUN{NAA: "t10.local_" + d.Name, SizeGiB: d.SizeGiB, Fabric: Local}, true
	}
	for _, lun := range luns {
		if canonical(lun.NAA) == canonical(d.LUN) {
			return lun, true
		}
	}
	return LUN{}, false
}

// canonical is a device's name for comparing: hexadecimal digits have no case, T10 vendor names have.
func canonical(naa string) string {
	if lower := strings.ToLower(naa); strings.HasPrefix(lower, "naa.") || strings.HasPrefix(lower, "eui.") {
		return lower
	}
	return naa
}

// devices are all LUNs and local disks of the site, in a fixed order: the position is the LUN number.
func (s *Site) devices() []LUN {
	all := append([]LUN{}, s.LUNs...)
	for _, d := range s.Datastores {
		if d.Local {
			disk, _ := d.device(nil)
			all = append(all, disk)
		}
	}
	return all
}

const gib = int64(1) << 30

// vmfsOverhead is what VMFS keeps of a device of so many bytes for itself: 0.5 %, at least 2 GiB.
func vmfsOverhead(size int64) int64 {
	return max(2*gib, size/200)
}
