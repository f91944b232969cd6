/* An application for the installer tests: it runs from where it was copied to, and behaves as it is told. */
#ifndef VERSION
#define VERSION "1"
#endif
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <shellapi.h>
#include <stdio.h>

const char version[] = "probe version " VERSION;

static WCHAR *ready;
static DWORD saves;
static BOOL deaf;

static void tell(const WCHAR *suffix)
{
    WCHAR name[1024];
    swprintf(name, 1024, L"%ls%ls", ready, suffix);
    CloseHandle(CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
}

static LRESULT CALLBACK window(HWND self, UINT message, WPARAM w, LPARAM l)
{
    if (message == WM_CLOSE) {
        tell(L".asked");
        if (deaf) return 0;
        Sleep(saves);
        tell(L".saved");
        PostQuitMessage(0);
        return 0;
    }
    return DefWindowProcW(self, message, w, l);
}

static void deny(const char *rights)
{
    char text[64];
    PSECURITY_DESCRIPTOR descriptor;
    sprintf(text, "D:(D;;%s;;;WD)(A;;GA;;;WD)", rights);
    ConvertStringSecurityDescriptorToSecurityDescriptorA(text, 1, &descriptor, NULL);
    if (!SetKernelObjectSecurity(GetCurrentProcess(), DACL_SECURITY_INFORMATION, descriptor)) ExitProcess(9);
}

static void show(void)
{
    WNDCLASSW type = {.lpfnWndProc = window, .lpszClassName = L"probe", .hInstance = GetModuleHandleW(NULL)};
    MSG message;
    RegisterClassW(&type);
    if (!CreateWindowW(L"probe", L"probe", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 200, 100, NULL, NULL, type.hInstance, NULL)) ExitProcess(8);
    tell(L"");
    while (GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
}

/* Presses a button of the first message box that appears. */
static int press(int button)
{
    HWND box;
    while (!(box = FindWindowW(L"#32770", L"App Setup")) || !GetDlgItem(box, button)) Sleep(50);
    PostMessageW(box, WM_COMMAND, button, 0);
    return 0;
}

int main(void)
{
    int count;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count);
    const WCHAR *mode = arguments[1];
    ready = arguments[2];
    if (!wcscmp(mode, L"press")) return press(_wtoi(ready));
    if (!wcscmp(mode, L"short")) {
        WCHAR name[1024];
        GetShortPathNameW(ready, name, 1024);
        return wprintf(L"%ls", name) < 0;
    }
    if (!wcscmp(mode, L"window")) show();
    if (!wcscmp(mode, L"saving")) {
        saves = 600;
        show();
    }
    if (!wcscmp(mode, L"deaf")) {
        deaf = TRUE;
        show();
    }
    if (!wcscmp(mode, L"undying")) deny("0x1");
    if (!wcscmp(mode, L"unreadable")) deny("0x1401");
    if (!wcscmp(mode, L"holds")) CreateFileW(arguments[3], GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (!wcscmp(mode, L"starts")) {
        for (int i = 3; i < count; i++) {
            STARTUPINFOW start = {.cb = sizeof start};
            PROCESS_INFORMATION started;
            if (!CreateProcessW(NULL, arguments[i], NULL, NULL, FALSE, 0, NULL, NULL, &start, &started)) ExitProcess(7);
        }
    }
    if (wcscmp(mode, L"window") && wcscmp(mode, L"saving")) {
        tell(L"");
        if (!wcscmp(mode, L"suspended")) SuspendThread(GetCurrentThread());
        Sleep(INFINITE);
    }
    return version[0] == 0;
}
