package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vmdk"
)

// demand is how many bytes an operation takes on each datastore, by name.
type demand map[string]int64

// lacking is the fault that a vCenter answers when a demand does not fit; nil when it fits.
func (a *array) lacking(need demand) types.BaseMethodFault {
	for name, bytes := range need {
		o := a.volume(name)
		if o == nil || bytes <= 0 || bytes <= o.free {
			continue
		}
		return &types.NoDiskSpace{FileFault: types.FileFault{File: "[" + name + "]"}, Datastore: name}
	}
	return nil
}

// settle makes the datastore report what it has left: its size less what VMFS keeps, all disks at their full size (thin
// ones too), swap files, and other files. The files are the truth, so nothing can be counted twice or forgotten.
func (a *array) settle(ctx *simulator.Context, o *volume) {
	o.free = max(0, o.capacity()-vmfsOverhead(o.capacity())-a.sizes.total(o.dir)-a.world.taken(o.ds.Name))
	free, now := o.free, time.Now()
	ctx.WithLock(o.ds, func() {
		o.ds.Summary.Capacity, o.ds.Summary.FreeSpace, o.ds.Summary.Uncommitted = o.capacity(), free, 0
		info, ok := o.ds.Info.(*types.VmfsDatastoreInfo)
		if !ok {
			return
		}
		fresh := *info // a reader may still hold the old one
		fresh.FreeSpace, fresh.Timestamp = free, &now
		fresh.MaxFileSize, fresh.MaxVirtualDiskCapacity, fresh.MaxMemoryFileSize = maxDiskGiB*gib, maxDiskGiB*gib, maxDiskGiB*gib
		o.ds.Info = &fresh
	})
}

func (a *array) settleAll(ctx *simulator.Context) {
	a.world.follow(ctx)
	for _, o := range a.all() {
		a.settle(ctx, o)
	}
	a.charge(ctx)
}

// sizes knows the size of every file of the datastores; disks are remembered, since reading them costs the most.
type sizes struct {
	mu    sync.Mutex
	disks map[string]diskSize
}

type diskSize struct {
	changed     time.Time
	file, bytes int64
}

func newSizes() *sizes { return &sizes{disks: map[string]diskSize{}} }

// total is the sum of all files below a folder, disks at their provisioned size.
func (s *sizes) total(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "-flat.vmdk") {
			return nil // a file may vanish while we look; a flat file is counted with its descriptor
		}
		info, err := entry.Info()
		switch {
		case err != nil:
		case filepath.Ext(path) == ".vmdk":
			sum += s.disk(path, info)
		default:
			sum += info.Size()
		}
		return nil
	})
	return sum
}

func (s *sizes) disk(path string, info fs.FileInfo) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.disks[path]
	if !ok || known.changed != info.ModTime() || known.file != info.Size() {
		known = diskSize{info.ModTime(), info.Size(), capacityOf(path)}
		s.disks[path] = known
	}
	return known.bytes
}

// changed forgets a disk, for those who rewrite its descriptor.
func (s *sizes) changed(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.disks, path)
}

// remove deletes a folder with all that is in it.
func (s *sizes) remove(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.disks {
		if strings.HasPrefix(path, dir+string(filepath.Separator)) {
			delete(s.disks, path)
		}
	}
	_ = os.RemoveAll(dir)
}

// capacityOf reads the provisioned bytes of a disk from its descriptor; 0 when it has none.
func capacityOf(path string) int64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	descriptor, err := vmdk.ParseDescriptor(file)
	if err != nil {
		return 0
	}
	return descriptor.Capacity()
}
