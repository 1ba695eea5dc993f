package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Limits of vSphere 8 that a site cannot exceed (configuration maximums: VMFS 64 TiB, virtual disk 62 TiB).
const (
	maxLunGiB  = 64 * 1024
	maxDiskGiB = 62 * 1024
)

// rules reports what has the right shape but makes no sense as a site.
func (d *document) rules(s *Site) {
	d.named("datacenter", s.Datacenter)
	if len(s.Clusters) == 0 {
		d.report("clusters", "none", "a site needs at least one cluster with a host")
	}
	d.clusters(s.Clusters)
	networks := names{d, map[string]string{}}
	for i, network := range s.Networks {
		networks.add(fmt.Sprintf("networks[%d]", i), network)
	}
	d.luns(s)
	d.datastores(s)
	d.contents(s)
	d.physics(s.Physics)
}

func (d *document) clusters(clusters []Cluster) {
	clusterNames, hostNames := names{d, map[string]string{}}, names{d, map[string]string{}}
	for i, cluster := range clusters {
		at := fmt.Sprintf("clusters[%d]", i)
		clusterNames.add(at+".name", cluster.Name)
		if len(cluster.Hosts) == 0 {
			d.report(at+".hosts", "none", "a cluster needs at least one host")
		}
		for j, host := range cluster.Hosts {
			at := fmt.Sprintf("%s.hosts[%d]", at, j)
			hostNames.add(at+".name", host.Name)
			d.between(at+".cpus", host.CPUs, 1, 1024)
			d.between(at+".memory_gib", host.MemoryGiB, 1, 24*1024)
			devices := names{d, map[string]string{"vmhba0": "the local disk controller"}}
			for k, adapter := range host.Adapters {
				at := fmt.Sprintf("%s.adapters[%d]", at, k)
				devices.add(at+".device", adapter.Device)
				d.fabric(at+".fabric", adapter.Fabric)
				d.between(at+".paths", adapter.Paths, 1, 16)
			}
		}
	}
}

func (d *document) luns(s *Site) {
	found := names{d, map[string]string{}}
	for i, lun := range s.LUNs {
		at := fmt.Sprintf("luns[%d]", i)
		found.addAs(at+".naa", lun.NAA, canonical(lun.NAA))
		d.between(at+".size_gib", lun.SizeGiB, 1, maxLunGiB)
		d.fabric(at+".fabric", lun.Fabric)
		reached := slices.ContainsFunc(s.Clusters, func(c Cluster) bool {
			return slices.ContainsFunc(c.Hosts, func(h Host) bool { return h.sees(lun) })
		})
		if !reached {
			d.report(at+".fabric", lun.Fabric, "no host has an adapter on this fabric")
		}
	}
}

func (d *document) datastores(s *Site) {
	found, used := names{d, map[string]string{}}, map[string]string{}
	for i, ds := range s.Datastores {
		at := fmt.Sprintf("datastores[%d]", i)
		found.add(at+".name", ds.Name)
		switch {
		case ds.Local && ds.LUN != "":
			d.report(at+".lun", ds.LUN, "a local datastore has size_gib and no lun")
		case ds.Local:
			d.between(at+".size_gib", ds.SizeGiB, 1, maxLunGiB)
		case ds.SizeGiB != 0:
			d.report(at+".size_gib", ds.SizeGiB, "only a local datastore has a size; this one has its LUN's")
		case ds.LUN == "":
			d.report(at+".lun", "none", "a datastore is on a lun, or it is local with size_gib")
		}
		if ds.Local || ds.LUN == "" {
			continue
		}
		if _, ok := ds.device(s.LUNs); !ok {
			d.report(at+".lun", ds.LUN, "is not among luns")
		}
		if first, twice := used[canonical(ds.LUN)]; twice {
			d.report(at+".lun", ds.LUN, "already holds datastore %q; a LUN holds one VMFS", first)
		}
		used[canonical(ds.LUN)] = ds.Name
	}
}

// contents reports templates and ISOs that have no place, and datastores too small for them.
func (d *document) contents(s *Site) {
	found, needGiB := names{d, map[string]string{}}, map[string]int{}
	for i, template := range s.Templates {
		at := fmt.Sprintf("templates[%d]", i)
		found.add(at+".name", template.Name)
		if !validGuest(template.GuestID) {
			d.report(at+".guest_id", template.GuestID, "is not a guest identifier of vSphere, e.g. ubuntu64Guest")
		}
		if len(template.DisksGiB) == 0 {
			d.report(at+".disks_gib", "none", "a template needs at least one disk")
		}
		for j, size := range template.DisksGiB {
			d.between(fmt.Sprintf("%s.disks_gib[%d]", at, j), size, 1, maxDiskGiB)
			needGiB[template.Datastore] += size
		}
		room, ok := d.room(s, at+".datastore", template.Datastore)
		if need := needGiB[template.Datastore]; ok && need > room {
			d.report(at+".disks_gib", fmt.Sprint(template.DisksGiB), "templates on %q need %d GiB, but only %d GiB fit",
				template.Datastore, need, room)
		}
	}
	for i, iso := range s.ISOs {
		at := fmt.Sprintf("isos[%d]", i)
		d.room(s, at+".datastore", iso.Datastore)
		if iso.Path == "" || path.IsAbs(iso.Path) || path.Clean(iso.Path) != iso.Path || strings.HasPrefix(iso.Path, "..") {
			d.report(at+".path", iso.Path, "must be a plain relative path such as iso/gateway.iso")
		}
	}
}

// room is what fits on a datastore, in GiB; a name that the site does not have is reported.
func (d *document) room(s *Site, at, name string) (gibs int, ok bool) {
	i := slices.IndexFunc(s.Datastores, func(ds Datastore) bool { return ds.Name == name })
	if i < 0 {
		d.report(at, name, "is not among datastores")
		return 0, false
	}
	device, ok := s.Datastores[i].device(s.LUNs)
	return int((device.bytes() - vmfsOverhead(device.bytes())) / gib), ok
}

// names finds duplicates.
type names struct {
	doc   *document
	first map[string]string
}

func (n names) add(path, name string) { n.addAs(path, name, name) }

// addAs is add for a name of which several spellings mean the same.
func (n names) addAs(path, name, same string) {
	n.doc.named(path, name)
	if first, twice := n.first[same]; twice && name != "" {
		n.doc.report(path, name, "is named twice: also %s", first)
		return
	}
	n.first[same] = path
}

func (d *document) named(path, name string) {
	if name == "" || strings.ContainsAny(name, `/\%[]`) || strings.TrimSpace(name) != name {
		d.report(path, fmt.Sprintf("%q", name), `must be a name without / \ %% [ ] or outer spaces`)
	}
}

func (d *document) between(path string, value, least, most int) {
	if value < least || value > most {
		d.report(path, value, "must be between %d and %d", least, most)
	}
}

func (d *document) fabric(path string, fabric Fabric) {
	if fabric != ISCSI && fabric != FC {
		d.report(path, fmt.Sprintf("%q", fabric), "must be %s or %s", ISCSI, FC)
	}
}

// sees tells whether a LUN is presented to the host.
func (h Host) sees(lun LUN) bool {
	return lun.Fabric == Local || slices.ContainsFunc(h.Adapters, func(a Adapter) bool { return a.Fabric == lun.Fabric })
}
