-- What is there before the plugin is used: its command, its keys, and the start with a Python file.
if vim.g.loaded_hotclub or vim.fn.has('nvim-0.10') == 0 then
  return
end
vim.g.loaded_hotclub = true

vim.api.nvim_create_user_command('Hotclub', function(call)
  require('hotclub')
  require('hotclub.commands').execute(call)
end, {
  nargs = '*',
  bang = true,
  bar = true,
  desc = 'run tests on warm workers',
  complete = function(lead, line)
    return require('hotclub.commands').complete(lead, line)
  end,
})

vim.keymap.set('n', '<Plug>(hotclub-nearest)', '<Cmd>Hotclub nearest<CR>', { desc = 'run the test at the cursor' })

vim.api.nvim_create_autocmd('FileType', {
  group = vim.api.nvim_create_augroup('hotclub_start', {}),
  pattern = 'python',
  callback = function(event)
    if require('hotclub.config').get().autostart then
      require('hotclub').start(event.buf)
    end
  end,
})
