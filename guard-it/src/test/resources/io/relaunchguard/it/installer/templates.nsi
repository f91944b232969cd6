; Where the templates of Tauri 2 and of electron-builder include what an application adds, and what they insert before they
; copy the first file, in that order. Their own checks go by name; here each of them ends the installer instead.
Unicode true
Target ${STUB}
Name "App"
OutFile "${OUT}"
InstallDir "C:\App"
RequestExecutionLevel user
SilentInstall silent

!define RELAUNCH_GUARD_CLOSE_WAIT 1500
!define RELAUNCH_GUARD_END_WAIT 2000

!if "${TEMPLATE}" == "tauri"
  !macro CheckIfAppIsRunning executableName productName
    SetErrorLevel 99
    Quit
  !macroend
  !include "${HOOK}"
  !define MAINBINARYNAME "app"
  !define PRODUCTNAME "App"
!else
  !define APP_EXECUTABLE_FILENAME "app.exe"
  !include "${HOOK}"
  !macro CHECK_APP_RUNNING
    !ifmacrodef customCheckAppRunning
      !insertmacro customCheckAppRunning
    !else
      SetErrorLevel 99
      Quit
    !endif
  !macroend
!endif

Section Install
  !if "${TEMPLATE}" == "tauri"
    SetOutPath $INSTDIR
    !ifmacrodef NSIS_HOOK_PREINSTALL
      !insertmacro NSIS_HOOK_PREINSTALL
    !endif
    !insertmacro CheckIfAppIsRunning "$INSTDIR\${MAINBINARYNAME}.exe" "${PRODUCTNAME}"
  !else
    !insertmacro CHECK_APP_RUNNING
    SetOutPath $INSTDIR
  !endif
  File "/oname=app.exe" "${PROBE}"
  File "/oname=data.dll" "${PROBE}"
  SetOutPath "$INSTDIR\core"
  File "/oname=sidecar.exe" "${PROBE}"
SectionEnd
