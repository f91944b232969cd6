; Relaunch Guard: the step for an MSI package, as a program of its own that installs nothing. See docs/installers.md.
;
;   makensis -DMAIN_BINARY=App.exe -DOUT=relaunch-guard-step.exe relaunch-guard-step.nsi
;
; It needs relaunch-guard.nsh beside it or in !addincludedir, and is started as: relaunch-guard-step.exe /S /D=C:\...\App
; It ends with 0 if nothing runs from that directory any more, else with 32.
Unicode true
!ifdef STUB
  Target ${STUB}
!endif
Name "Relaunch Guard"
OutFile "${OUT}"
RequestExecutionLevel user
SilentInstall silent
AllowRootDirInstall true

!define RELAUNCH_GUARD_MAIN_BINARY "${MAIN_BINARY}"
!include "relaunch-guard.nsh"

Section
  !insertmacro NSIS_HOOK_PREINSTALL
SectionEnd
