; An installer as an application would have it, with the hook as the only thing before its files.
Unicode true
Target ${STUB}
Name "App"
OutFile "${OUT}"
InstallDir "C:\App"
RequestExecutionLevel user
AutoCloseWindow true
AllowRootDirInstall true
Page instfiles

!define RELAUNCH_GUARD_MAIN_BINARY "app.exe"
!define RELAUNCH_GUARD_CLOSE_WAIT 1500
!define RELAUNCH_GUARD_END_WAIT 2000
!define RELAUNCH_GUARD_FILES_WAIT 1000
!include "${HOOK}"

Section
  !insertmacro NSIS_HOOK_PREINSTALL
  SetOutPath "$INSTDIR\core"
  File "/oname=sidecar.exe" "${PROBE}"
  SetOutPath "$INSTDIR"
  File "/oname=data.dll" "${PROBE}"
  File "/oname=app.exe" "${PROBE}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
SectionEnd

Section Uninstall
  !insertmacro NSIS_HOOK_PREUNINSTALL
  Delete "$INSTDIR\app.exe"
SectionEnd
