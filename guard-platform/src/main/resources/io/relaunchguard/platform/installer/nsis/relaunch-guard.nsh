; Relaunch Guard: the step of an NSIS installer before it touches the first file.
;
; It asks whatever runs from $INSTDIR to close, waits, ends what is left through the handle it was recognised by, and goes
; on only when every file below $INSTDIR can be replaced. See docs/installers.md.
;
;   !define RELAUNCH_GUARD_MAIN_BINARY "App.exe"
;   !include relaunch-guard.nsh
;   Section
;     !insertmacro NSIS_HOOK_PREINSTALL
;     SetOutPath $INSTDIR
;     File ...
;
; Tauri inserts NSIS_HOOK_PREINSTALL by itself, electron-builder customCheckAppRunning; both know the main binary's name.
!ifndef RELAUNCH_GUARD_INCLUDED
!define RELAUNCH_GUARD_INCLUDED

!include LogicLib.nsh

; Milliseconds: from the request to force, from force to giving up, and for the files to be let go of.
!define /ifndef RELAUNCH_GUARD_CLOSE_WAIT 10000
!define /ifndef RELAUNCH_GUARD_END_WAIT 10000
!define /ifndef RELAUNCH_GUARD_FILES_WAIT 10000
; ERROR_SHARING_VIOLATION: something runs from $INSTDIR, or may; nothing was changed. 1 is NSIS's own "cancelled by the user".
!define /ifndef RELAUNCH_GUARD_EXIT_HELD 32
!define /ifndef RELAUNCH_GUARD_EXIT_CANCELLED 1
!define /ifndef RELAUNCH_GUARD_TEXT_OPEN "This is still running and did not close:$\r$\n$\r$\n$R8$\r$\nSave your work and close it, then retry. Retry ends what is left by force, and what is unsaved in it is lost. Cancel changes nothing."
!define /ifndef RELAUNCH_GUARD_TEXT_HELD "This is in use and could not be ended:$\r$\n$\r$\n$R8$\r$\nClose it, then retry. Cancel changes nothing."

; The length of PROCESSENTRY32W and the place of its szExeFile; th32ProcessID is at 8 in both.
!if ${NSIS_PTR_SIZE} > 4
  !define _RELAUNCH_GUARD_ENTRY_SIZE 568
  !define _RELAUNCH_GUARD_ENTRY_NAME 44
!else
  !define _RELAUNCH_GUARD_ENTRY_SIZE 556
  !define _RELAUNCH_GUARD_ENTRY_NAME 36
!endif
!define _RELAUNCH_GUARD_MOST 1024

; PROCESS_QUERY_LIMITED_INFORMATION works from a 32-bit installer on a 64-bit process.
!define _RELAUNCH_GUARD_QUERY 0x1000
!define _RELAUNCH_GUARD_QUERY_WAIT 0x101000
!define _RELAUNCH_GUARD_QUERY_WAIT_END 0x101001

; Registers, all given back at the end:
;   $R1 $R2  the installation directory as \\?\C:\...\ and its length   $7  this installer's own image
;   $R3 $R4  an image's path; scratch                                   $8  this session
;   $R5 $R6  handles of what runs from the directory; their number,     $9  this process
;            or -1 when that could not be found out
;   $R7 $R8  a PROCESSENTRY32W; what to tell the user                   $R9 why it goes on (0 free, 1 held, 2 cancelled)

!macro NSIS_HOOK_PREINSTALL
  !insertmacro RELAUNCH_GUARD
!macroend

!macro NSIS_HOOK_PREUNINSTALL
  !insertmacro RELAUNCH_GUARD
!macroend

!macro customCheckAppRunning
  !insertmacro RELAUNCH_GUARD
!macroend

; Tauri's own check ends processes by their bare name, right after this hook: it gives way to the same rule.
!ifmacrodef CheckIfAppIsRunning
  !macroundef CheckIfAppIsRunning
  !macro CheckIfAppIsRunning executableName productName
    !insertmacro RELAUNCH_GUARD
  !macroend
!endif

!macro RELAUNCH_GUARD
  ; A folder without the application in it is no installation: whoever picks one by mistake ends nothing.
  !ifdef RELAUNCH_GUARD_MAIN_BINARY
    ${If} ${FileExists} "$INSTDIR\${RELAUNCH_GUARD_MAIN_BINARY}"
  !else ifdef MAINBINARYNAME
    ${If} ${FileExists} "$INSTDIR\${MAINBINARYNAME}.exe"
  !else ifdef APP_EXECUTABLE_FILENAME
    ${If} ${FileExists} "$INSTDIR\${APP_EXECUTABLE_FILENAME}"
  !else
    !error "Define RELAUNCH_GUARD_MAIN_BINARY, the file name of the application's main program in $$INSTDIR."
  !endif
    System::Store S
    !insertmacro _RELAUNCH_GUARD_RUN
    ${If} $R9 = 1
      SetErrorLevel ${RELAUNCH_GUARD_EXIT_HELD}
      Quit
    ${ElseIf} $R9 = 2
      SetErrorLevel ${RELAUNCH_GUARD_EXIT_CANCELLED}
      Quit
    ${EndIf}
    System::Store L
  ${EndIf}
!macroend

!macro _RELAUNCH_GUARD_RUN
  System::Alloc 65600
  Pop $R1
  System::Alloc 65600
  Pop $R3
  System::Alloc 65600
  Pop $R4
  System::Alloc 65600
  Pop $7
  IntOp $0 ${_RELAUNCH_GUARD_MOST} * ${NSIS_PTR_SIZE}
  System::Alloc $0
  Pop $R5
  System::Alloc ${_RELAUNCH_GUARD_ENTRY_SIZE}
  Pop $R7
  System::Call 'kernel32::GetCurrentProcessId() i .r9'
  System::Call 'kernel32::ProcessIdToSessionId(i r9, *i .r8) i .r2'
  StrCpy $0 32760
  System::Call 'kernel32::QueryFullProcessImageNameW(p -1, i 0, p r7, *i r0 r0) i .r1'
  IntOp $1 $1 * $2
  !insertmacro _RELAUNCH_GUARD_FINAL_PATH "w r0" "$INSTDIR" $R1 $R2

  StrCpy $R6 0
  StrCpy $R9 0
  ; A drive's root is no installation directory: everything would run from below it.
  ${If} $1 = 0
  ${OrIf} $R2 <= 7
    StrCpy $R8 "$INSTDIR$\r$\n"
    StrCpy $R9 1
  ${EndIf}

  ${If} $R9 = 0
    ${Do}
      !insertmacro _RELAUNCH_GUARD_COLLECT
      ${If} $R6 > 0
        !insertmacro _RELAUNCH_GUARD_ASK
        !insertmacro _RELAUNCH_GUARD_WAIT ${RELAUNCH_GUARD_CLOSE_WAIT}
        ${If} $1 > 0
          MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "${RELAUNCH_GUARD_TEXT_OPEN}" /SD IDRETRY IDRETRY +2
          StrCpy $R9 2
        ${EndIf}
        ${If} $R9 = 0
          !insertmacro _RELAUNCH_GUARD_END
          !insertmacro _RELAUNCH_GUARD_WAIT ${RELAUNCH_GUARD_END_WAIT}
        ${EndIf}
        !insertmacro _RELAUNCH_GUARD_RELEASE
        ${If} $R9 = 2
          ${Break}
        ${EndIf}
        !insertmacro _RELAUNCH_GUARD_COLLECT
        !insertmacro _RELAUNCH_GUARD_RELEASE
      ${EndIf}
      ${If} $R6 = 0
        !insertmacro _RELAUNCH_GUARD_FILES
      ${EndIf}
      ${If} $R6 = 0
        ${Break}
      ${EndIf}
      MessageBox MB_RETRYCANCEL|MB_ICONSTOP "${RELAUNCH_GUARD_TEXT_HELD}" /SD IDCANCEL IDRETRY +2
      StrCpy $R9 1
    ${LoopUntil} $R9 <> 0
  ${EndIf}

  ${If} $R9 <> 0
    ; Silence helps nobody: whoever redirected the standard error reads the reason.
    System::Call 'kernel32::GetStdHandle(i -12) p .r0'
    ${If} $0 P<> 0
    ${AndIf} $0 P<> -1
      FileWrite $0 "Nothing was installed. In use: $R8"
    ${EndIf}
    DetailPrint "Nothing was installed. In use: $R8"
  ${EndIf}

  System::Free $R1
  System::Free $R3
  System::Free $R4
  System::Free $7
  System::Free $R5
  System::Free $R7
!macroend

; The path of a file or directory without links, short names and substituted drives, as \\?\..., with a backslash at the
; end. PATH is how System::Call passes VALUE. LENGTH is 0 if there is no such file. Uses $0 and $6.
!macro _RELAUNCH_GUARD_FINAL_PATH PATH VALUE BUFFER LENGTH
  StrCpy $0 ${VALUE}
  StrCpy ${LENGTH} 0
  System::Call 'kernel32::CreateFileW(${PATH}, i 0, i 7, p 0, i 3, i 0x02000000, p 0) p .r6'
  ${If} $6 P<> -1
    StrCpy $0 ${BUFFER}
    System::Call 'kernel32::GetFinalPathNameByHandleW(p r6, p r0, i 32760, i 0) i .r0'
    System::Call 'kernel32::CloseHandle(p r6)'
    ${If} $0 > 0
    ${AndIf} $0 < 32760
      StrCpy ${LENGTH} $0
      IntOp $6 $0 - 1
      IntOp $6 $6 * 2
      IntPtrOp $6 $6 + ${BUFFER}
      System::Call '*$6(&i2 .r0)'
      ${If} $0 <> 92
        IntPtrOp $6 $6 + 2
        System::Call '*$6(&i2 92, &i2 0)'
        IntOp ${LENGTH} ${LENGTH} + 1
      ${EndIf}
    ${EndIf}
  ${EndIf}
!macroend

; Opens whatever runs from the directory, in any session, and keeps those handles: as long as they are open, their process
; ids belong to nobody else. Only handles of this session may end their process.
!macro _RELAUNCH_GUARD_COLLECT
  StrCpy $R6 0
  StrCpy $R8 ""
  System::Call 'kernel32::CreateToolhelp32Snapshot(i 2, i 0) p .r0'
  System::Call '*$R7(i ${_RELAUNCH_GUARD_ENTRY_SIZE})'
  System::Call 'kernel32::Process32FirstW(p r0, p R7) i .r1'
  ${If} $1 = 0
    StrCpy $R8 "(the processes could not be listed)$\r$\n"
    StrCpy $R6 -1
  ${EndIf}
  ${While} $1 <> 0
    System::Call '*$R7(i, i, i .r2)'
    ${If} $2 <> 0
    ${AndIf} $2 <> $9
      System::Call 'kernel32::ProcessIdToSessionId(i r2, *i .r3) i .r4'
      StrCpy $5 ${_RELAUNCH_GUARD_QUERY_WAIT}
      ${If} $4 <> 0
      ${AndIf} $3 = $8
        StrCpy $5 ${_RELAUNCH_GUARD_QUERY_WAIT_END}
      ${EndIf}
      System::Call 'kernel32::OpenProcess(i r5, i 0, i r2) p .r4'
      ${If} $4 P= 0
        System::Call 'kernel32::OpenProcess(i ${_RELAUNCH_GUARD_QUERY_WAIT}, i 0, i r2) p .r4'
      ${EndIf}
      ${If} $4 P= 0
        System::Call 'kernel32::OpenProcess(i ${_RELAUNCH_GUARD_QUERY}, i 0, i r2) p .r4'
      ${EndIf}
      ; What cannot be asked for its path at all is found by the files that it uses.
      ${If} $4 P<> 0
        !insertmacro _RELAUNCH_GUARD_IS_BELOW
        ${If} $3 = 2
        ${AndIf} $R6 < ${_RELAUNCH_GUARD_MOST}
          IntOp $5 $R6 * ${NSIS_PTR_SIZE}
          IntPtrOp $5 $5 + $R5
          System::Call '*$5(p r4)'
          IntOp $R6 $R6 + 1
          StrLen $5 $R8
          ${If} $5 < 600
            IntPtrOp $5 $R7 + ${_RELAUNCH_GUARD_ENTRY_NAME}
            System::Call '*$5(&w260 .r5)'
            StrCpy $5 $5 60
            StrCpy $R8 "$R8$5 ($2)$\r$\n"
          ${EndIf}
        ${Else}
          System::Call 'kernel32::CloseHandle(p r4)'
        ${EndIf}
      ${EndIf}
    ${EndIf}
    System::Call 'kernel32::Process32NextW(p r0, p R7) i .r1'
  ${EndWhile}
  System::Call 'kernel32::CloseHandle(p r0)'
!macroend

; $3 is 2 if the process of handle $4 is alive and its image lies below the directory. Uses $5 and $6.
!macro _RELAUNCH_GUARD_IS_BELOW
  StrCpy $3 0
  System::Call 'kernel32::WaitForSingleObject(p r4, i 0) i .r5'
  ${If} $5 <> 0
    System::Call 'kernel32::lstrcpyW(p R3, w "\\?\")'
    IntPtrOp $6 $R3 + 8
    StrCpy $5 32760
    System::Call 'kernel32::QueryFullProcessImageNameW(p r4, i 0, p r6, *i r5 r5) i .r3'
    ${If} $3 <> 0
      System::Call 'kernel32::CompareStringOrdinal(p r6, i -1, p r7, i -1, i 1) i .r3'
      ${If} $3 = 2
        ; The installer itself, or its other half at another level of rights.
        StrCpy $3 0
      ${Else}
        ; The first as many characters as the directory has, its last backslash included: App is not App2.
        System::Call 'kernel32::CompareStringOrdinal(p R3, i R2, p R1, i R2, i 1) i .r3'
        ${If} $3 <> 2
          Push $0
          !insertmacro _RELAUNCH_GUARD_FINAL_PATH "p r0" $R3 $R4 $5
          Pop $0
          StrCpy $3 0
          ${If} $5 > $R2
            System::Call 'kernel32::CompareStringOrdinal(p R4, i R2, p R1, i R2, i 1) i .r3'
          ${EndIf}
        ${EndIf}
      ${EndIf}
    ${EndIf}
  ${EndIf}
!macroend

; Sets $4 to the handle number $2.
!macro _RELAUNCH_GUARD_HANDLE
  IntOp $4 $2 * ${NSIS_PTR_SIZE}
  IntPtrOp $4 $4 + $R5
  System::Call '*$4(p .r4)'
!macroend

; WM_CLOSE, as from the window's own cross, to every visible window that is no dialog of another one. Posted: a window that
; hangs does not hang this.
!macro _RELAUNCH_GUARD_ASK
  StrCpy $0 0
  StrCpy $5 0
  ${Do}
    System::Call 'user32::FindWindowExW(p 0, p r0, p 0, p 0) p .r0'
    IntOp $5 $5 + 1
    ${If} $0 P= 0
    ${OrIf} $5 > 10000
      ${Break}
    ${EndIf}
    System::Call 'user32::IsWindowVisible(p r0) i .r1'
    System::Call 'user32::GetWindow(p r0, i 4) p .r3'
    ${If} $1 <> 0
    ${AndIf} $3 P= 0
      System::Call 'user32::GetWindowThreadProcessId(p r0, *i .r1)'
      StrCpy $2 0
      ${While} $2 < $R6
        !insertmacro _RELAUNCH_GUARD_HANDLE
        System::Call 'kernel32::GetProcessId(p r4) i .r3'
        ${If} $3 = $1
          System::Call 'user32::PostMessageW(p r0, i 0x10, p 0, p 0)'
        ${EndIf}
        IntOp $2 $2 + 1
      ${EndWhile}
    ${EndIf}
  ${Loop}
!macroend

; Waits for all of them together; $1 is how many are left after that time.
!macro _RELAUNCH_GUARD_WAIT MILLIS
  StrCpy $1 0
  StrCpy $2 0
  System::Call 'kernel32::GetTickCount() i .r0'
  ${While} $2 < $R6
    !insertmacro _RELAUNCH_GUARD_HANDLE
    System::Call 'kernel32::GetTickCount() i .r3'
    IntOp $3 $3 - $0
    IntOp $3 ${MILLIS} - $3
    ${If} $3 < 0
      StrCpy $3 0
    ${EndIf}
    System::Call 'kernel32::WaitForSingleObject(p r4, i r3) i .r3'
    ${If} $3 <> 0
      IntOp $1 $1 + 1
    ${EndIf}
    IntOp $2 $2 + 1
  ${EndWhile}
!macroend

; Each alone, through the very handle whose image was looked at; one that does not allow it stays, and is seen afterwards.
!macro _RELAUNCH_GUARD_END
  StrCpy $2 0
  ${While} $2 < $R6
    !insertmacro _RELAUNCH_GUARD_HANDLE
    System::Call 'kernel32::TerminateProcess(p r4, i 1)'
    IntOp $2 $2 + 1
  ${EndWhile}
!macroend

!macro _RELAUNCH_GUARD_RELEASE
  StrCpy $2 0
  ${While} $2 < $R6
    !insertmacro _RELAUNCH_GUARD_HANDLE
    System::Call 'kernel32::CloseHandle(p r4)'
    IntOp $2 $2 + 1
  ${EndWhile}
!macroend

; The proof: every file below the directory can be opened for writing. Whoever runs an image, in whatever session and with
; whatever rights, denies that. $R6 is -1 if a file was in use all the time.
!macro _RELAUNCH_GUARD_FILES
  System::Call 'kernel32::GetTickCount() i .r3'
  ${Do}
    StrCpy $R6 0
    Push ""
    StrCpy $4 $INSTDIR
    ${DoUntil} $4 == ""
      FindFirst $0 $1 "$4\*.*"
      ${DoUntil} $1 == ""
        StrCpy $2 "$4\$1"
        System::Call 'kernel32::GetFileAttributesW(w r2) i .r5'
        IntOp $6 $5 & 0x410
        ${If} $1 == "."
        ${OrIf} $1 == ".."
        ${OrIf} $2 == $EXEPATH
          Nop
        ${ElseIf} $6 = 0x10
          Push $2
        ${ElseIf} $6 = 0
          System::Call 'kernel32::CreateFileW(w r2, i 2, i 7, p 0, i 3, i 0, p 0) p .r5 ?e'
          Pop $6
          ${If} $5 P<> -1
            System::Call 'kernel32::CloseHandle(p r5)'
          ${ElseIf} $6 = 32
            StrCpy $R6 -1
            StrCpy $R8 "$2$\r$\n"
          ${EndIf}
        ${EndIf}
        FindNext $0 $1
      ${Loop}
      FindClose $0
      Pop $4
    ${Loop}
    System::Call 'kernel32::GetTickCount() i .r5'
    IntOp $5 $5 - $3
    ${If} $R6 = 0
    ${OrIf} $5 > ${RELAUNCH_GUARD_FILES_WAIT}
      ${Break}
    ${EndIf}
    Sleep 50
  ${Loop}
!macroend

!endif
