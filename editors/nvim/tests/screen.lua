-- nvim --headless --clean -S screen.lua: prints what a person sees who has run the tests of a file.
local h = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/harness.lua')

h.main(function()
  vim.o.lines, vim.o.columns = 38, 92
  vim.o.number, vim.o.signcolumn, vim.o.showmode, vim.o.ruler = true, 'yes', false, false
  vim.o.laststatus, vim.o.shortmess = 2, vim.o.shortmess .. 'F'
  vim.o.statusline = "%t%=%{v:lua.require'hotclub'.statusline()} "

  h.setup({ output = { height = 15 } })
  h.open('app/tests.py')
  h.ready()
  h.finished(function()
    vim.cmd('Hotclub file')
  end)
  h.sign('def test_wrong', '✘')
  h.go('def test_wrong')
  vim.cmd('Hotclub output')
  h.wait('the log', function()
    return h.screen():find('── output ──', 1, true) ~= nil
  end)
  -- Where, when, and on which worker is another each time.
  local log = vim.fn.bufnr('hotclub://output')
  local text = table.concat(vim.api.nvim_buf_get_lines(log, 0, -1, false), '\n')
  text = text:gsub('%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d', '2026-11-25 14:00:00')
  text = text:gsub('worker %w+, generation %w+', 'worker f27, generation f26dc09d')
  text = text:gsub('File "' .. vim.pesc(h.project), 'File "/home/ana/shop')
  require('hotclub.output').show(vim.split(text, '\n'))
  local screen
  h.wait('the screen', function()
    screen = h.screen()
    return screen:find('10 .* 2 != 3') and not screen:find('hotclub starting', 1, true)
  end)
  local version = vim.version()
  io.stdout:write(('SCREEN of Neovim %d.%d\n%s\n'):format(version.major, version.minor, screen))
end)
