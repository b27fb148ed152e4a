package worker

import "golang.org/x/sys/windows"

// Lower lets everything else that runs on the machine go before the process, for work that nobody
// waits for.
func (w *Worker) Lower() { schedule(w.PID, windows.BELOW_NORMAL_PRIORITY_CLASS) }

// Raise takes Lower back.
func (w *Worker) Raise() { schedule(w.PID, windows.NORMAL_PRIORITY_CLASS) }

func schedule(pid int, class uint32) {
	process, err := windows.OpenProcess(windows.PROCESS_SET_INFORMATION, false, uint32(pid))
	if err != nil {
		return // it is gone
	}
	defer windows.CloseHandle(process)
	_ = windows.SetPriorityClass(process, class)
}
