@echo off
rem Runs the command line of this checkout on the project's own Node; installs what is missing on first use.
setlocal
set "root=%~dp0"
fc /b "%root%package-lock.json" "%root%node_modules\.scriptorium-lock.json" >nul 2>&1
if errorlevel 1 (
  where node >nul 2>&1
  if errorlevel 1 (
    echo scriptorium: Node 20 or newer and npm are needed for the first use, and there is no node here: install Node 24 from https://nodejs.org. 1>&2
    exit /b 4
  )
  node "%root%scripts\start.mjs" || exit /b 4
)
set "node=%root%node_modules\.bin\node.cmd"
if not exist "%node%" set "node=node"
call "%node%" --max-semi-space-size=4 --heap-growing-percent=40 --disable-warning=ExperimentalWarning "%root%apps\cli\src\main.ts" %*
